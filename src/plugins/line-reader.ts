/**
 * Puts chunks together to lines of UTF-8.
 * @param onOverflow called once, when a line grows beyond `maxBytes`; nothing is read from then on
 */
export function lineReader(
  maxBytes: number,
  onLine: (line: string) => void,
  onOverflow: () => void,
): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  return (chunk) => {
    if (held > maxBytes) return;
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...pieces, chunk.subarray(start, end)]);
      [pieces, held, start] = [[], 0, end + 1];
      onLine(line.toString());
    }
    const rest = chunk.subarray(start);
    pieces.push(rest);
    held += rest.length;
    if (held <= maxBytes) return;
    pieces = [];
    onOverflow();
  };
}
