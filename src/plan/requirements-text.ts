import { decodeUtf8 } from "../encoding/utf8.ts";
import { UsageError } from "../errors.ts";

/**
 * The text of a requirements file, where pip and everybody else read the same: what looks like the rest of a comment must not
 * be a line for one of them.
 * @param file its name, for messages
 * @throws UsageError `invalid-requirements-file`
 */
export function requirementsText(bytes: Uint8Array, file: string): string {
  const fail = (place: string, why: string): never => {
    throw new UsageError("invalid-requirements-file", `${place}: ${why}`, { hint: "Save it as UTF-8" });
  };
  const text = decodeUtf8(bytes) ?? fail(file, "it is not UTF-8, and pip would take it for something else");
  const declared = declaredCoding(text);
  if (declared !== undefined && !/^(?:utf[-_]?8|(?:us[-_]?)?ascii)$/i.test(declared.coding))
    fail(`${file}:${declared.line}`, `it says that it is written in "${declared.coding}", in which pip would read it`);
  const lines = text.split(/\r\n|\r|\n/);
  for (const [at, line] of lines.entries()) {
    const place = `${file}:${at + 1}`;
    const written = line.trimStart();
    if (written.endsWith("\\") && !written.startsWith("#") && /\s#/.test(written))
      fail(place, "its comment ends in a backslash: pip takes the next line for a part of it, and others do not");
    const [breaking] = otherLineBreaks.exec(line) ?? [];
    if (breaking !== undefined) fail(place, `after ${codePoint(breaking)}, pip begins a new line, and others do not`);
  }
  return text;
}

/** Where Python's `str.splitlines`, which pip uses, ends a line, besides `\n`, `\r` and `\r\n`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const otherLineBreaks = /[\v\f\x1c-\x1e\x85\u2028\u2029]/;

/**
 * As pip finds it, after PEP 263, in the first two lines, which end in `\n` alone there, and may hold `\r`
 * (pip/_internal/req/req_file.py, `_decode_req_file`).
 */
function declaredCoding(text: string): { readonly coding: string; readonly line: number } | undefined {
  const lines = text.split("\n", 2).entries();
  const [first] = [...lines].flatMap(([at, line]) => {
    const coding = line.startsWith("#") ? /coding[:=]\s*([-\w.]+)/.exec(line)?.[1] : undefined;
    return coding === undefined ? [] : [{ coding, line: at + 1 }];
  });
  return first;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
