/** A line of a requirements file, without its comment, with the lines that it goes on in and the values of variables. */
export interface RequirementsLine {
  readonly line: string;
  /** Of its first physical line, from 1. */
  readonly number: number;
}

/** Where Python's `str.splitlines` ends a line besides. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const furtherLineBreak = /[\v\f\x1c-\x1e\x85\u2028\u2029]/;
/** What Python takes for white space: other than JavaScript's it has U+001F and no U+FEFF. */
const space = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const commentLine = new RegExp(`^${space}*#`);
// Each begins at one place of a run of white space alone: tried at every place of it, a long run takes hours.
const comment = new RegExp(`(?:^|${space})#.*$`, "s");
const around = new RegExp(`^${space}+|(?<!${space})${space}+$`, "g");

/**
 * The lines of a requirements file as pip has them (pip/_internal/req/req_file.py, `preprocess`): a backslash at the end
 * joins the next line on, but of one that is nothing but a comment; `#` begins a comment at the start or after white
 * space.
 */
export function requirementsLines(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly RequirementsLine[] {
  return joinedLines(text).flatMap(({ line, number }) => {
    const bare = line.replace(comment, "").replace(around, "");
    return bare === "" ? [] : [{ line: withVariables(bare, env), number }];
  });
}

function joinedLines(text: string): RequirementsLine[] {
  const joined: RequirementsLine[] = [];
  let before: RequirementsLine | undefined;
  for (const { line: physical, number: at } of physicalLines(text)) {
    const number = before?.number ?? at;
    const isComment = commentLine.test(physical);
    const line = (before?.line ?? "") + (isComment ? ` ${physical}` : physical);
    // pip takes every backslash away at both ends.
    const goesOn = physical.endsWith("\\") && !isComment;
    before = goesOn ? { line: (before?.line ?? "") + physical.replace(/^\\+|(?<!\\)\\+$/g, ""), number } : undefined;
    if (!goesOn) joined.push({ line, number });
  }
  return before === undefined ? joined : [...joined, before];
}

/** Numbered as editors do. The break at the very end begins no further line. */
function physicalLines(text: string): RequirementsLine[] {
  const numbered = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const lines = numbered.flatMap((whole, at) =>
    whole.split(furtherLineBreak).map((line) => ({ line, number: at + 1 })),
  );
  return lines.at(-1)?.line === "" ? lines.slice(0, -1) : lines;
}

/** One variable after the other; one that is empty stays as it is written. */
function withVariables(line: string, env: Readonly<Record<string, string | undefined>>): string {
  let expanded = line;
  for (const [whole, name = ""] of line.matchAll(/\$\{([A-Z0-9_]+)\}/g)) {
    const value = env[name];
    if (value) expanded = expanded.replaceAll(whole, () => value);
  }
  return expanded;
}
