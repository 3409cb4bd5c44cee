/**
 * Whether `*` in `glob` can stand for runs of characters so that the whole of `text` results. Taking the first place
 * where each piece fits is enough and needs no backtracking, so the time is bounded for every input.
 */
export function globMatches(glob: string, text: string): boolean {
  const star = glob.indexOf("*");
  if (star === -1) return glob === text;
  // Most texts differ in the first letters: a policy asks every rule about every artifact.
  if (!text.startsWith(glob.slice(0, star))) return false;
  const pieces = glob.slice(star + 1).split("*");
  const tail = pieces.pop() ?? "";
  let position = star;
  for (const piece of pieces) {
    const found = text.indexOf(piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return text.length - tail.length >= position && text.endsWith(tail);
}
