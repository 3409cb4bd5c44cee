/**
 * The lines of a path file (`.pth`) as Python's `site` module splits them: as `str.splitlines` does since 3.12, at line and
 * form feeds and at what else ends a line in Unicode. What is not UTF-8 it decodes as the locale has it, and may be such a
 * character there.
 */
export function pathFileLines(text: string): string[] {
  return text.replace(/^\uFEFF/, "").split(lineBreak);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what ends a line
const lineBreak = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029\uFFFD]/;

/** Whether `site` runs a line of a path file, and does not take it for a folder. */
export function isCodeLine(line: string): boolean {
  return /^import[ \t]/.test(line);
}
