/**
 * The lines on which the tables of a TOML array begin (`[[package]]`), from 1 and in order. Empty when their number is
 * not `count`, as where they are written inline: no line is better than a wrong one.
 */
export function tableLines(text: string, name: string, count: number): readonly number[] {
  const heading = new RegExp(`^[ \\t]*\\[\\[[ \\t]*${name}[ \\t]*\\]\\]`);
  const lines = text.split("\n").flatMap((line, at) => (heading.test(line) ? [at + 1] : []));
  return lines.length === count ? lines : [];
}
