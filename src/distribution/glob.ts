/**
 * Whether `*` in `glob` can stand for runs of characters so that the whole of `text` results. Taking the first place
 * where each piece fits is enough and needs no backtracking, so the time is bounded for every input.
 */
export function globMatches(glob: string, text: string): boolean {
  const [head = "", ...pieces] = glob.split("*");
  const tail = pieces.pop();
  if (tail === undefined) return glob === text;
  if (!text.startsWith(head)) return false;
  let position = head.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return text.length - tail.length >= position && text.endsWith(tail);
}
