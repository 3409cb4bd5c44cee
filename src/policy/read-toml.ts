import { parse as parseToml, TomlError, type TomlTable } from "smol-toml";
import { decodeUtf8 } from "../encoding/utf8.ts";
import type { PolicyFileError } from "../errors.ts";
import { describeMistake, type FileKind, policyFileError } from "./mistakes.ts";

/** A policy is written and reviewed by people; a thousand rules are about 100 kB. */
const maxBytes = 1 << 20;
/** Lists and inline tables inside each other; the language itself needs two. */
const maxDepth = 16;

const nouns: Readonly<Record<FileKind, string>> = { policy: "a policy", cases: "a file of cases" };
const formats: Readonly<Record<FileKind, string>> = { policy: "TOML", cases: "JSON" };

/** The text of a file. @throws PolicyFileError when it is too large or not UTF-8 */
export function decode(content: string | Uint8Array, file: string, kind: FileKind = "policy"): string {
  const bytes = typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
  if (bytes > maxBytes)
    throw policyFileError(
      file,
      1,
      [`${file}: the file has ${bytes} bytes, ${nouns[kind]} has at most ${maxBytes}`],
      kind,
    );
  if (typeof content === "string") return content;
  const text = decodeUtf8(content);
  if (text === undefined) throw notUtf8(content, file, kind);
  return text.replace(/^\uFEFF/, "");
}

/** Lines are told apart before they are decoded: in UTF-8, the byte of a line feed is nothing else. */
function notUtf8(bytes: Uint8Array, file: string, kind: FileKind): PolicyFileError {
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const broken = lines.findIndex((line) => Buffer.from(line, "latin1").toString("utf8").includes("\uFFFD"));
  return policyFileError(file, 1, [`${file}:${broken + 1}:1: the line is not UTF-8, ${formats[kind]} files are`], kind);
}

/** Its table. @throws PolicyFileError when it is no TOML, or has nothing in it */
export function readToml(text: string, file: string): TomlTable {
  let toml: TomlTable;
  try {
    toml = parseToml(text, { integersAsBigInt: true, maxDepth });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ""] = error.message.replace("Invalid TOML document: ", "").split(/\n|\. /);
    const span = { offset: offsetOf(text, error.line, error.column), length: 1 };
    throw policyFileError(file, 1, [describeMistake(text, file, { span, message: `this is not TOML: ${what}` })]);
  }
  if (Object.keys(toml).length > 0) return toml;
  throw policyFileError(file, 1, [`${file}:1:1: the file is empty; the shortest policy is "version = 1"`]);
}

/** `line` and `column` count from 1, in UTF-16 code units. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) start = text.indexOf("\n", start) + 1;
  return start + column - 1;
}
