import { parse as parseToml, TomlError, type TomlTable } from "smol-toml";
import type { PolicyFileError } from "../errors.ts";
import { locate } from "./locate.ts";
import { describeMistake, Mistakes, policyFileError } from "./mistakes.ts";
import { parseFloor } from "./parse-floor.ts";
import { parseGroups } from "./parse-groups.ts";
import { parseDefault, parseRules } from "./parse-rules.ts";
import { type Named, parseSigners } from "./parse-signers.ts";
import { parseTrust } from "./parse-trust.ts";
import type { KeySigner, Policy } from "./policy.ts";
import { TableReader } from "./table-reader.ts";

/** A policy is written and reviewed by people; a thousand rules are about 100 kB. */
const maxBytes = 1 << 20;
/** Lists and inline tables inside each other; the language itself needs two. */
const maxDepth = 16;

/**
 * Parses a policy file. `file` is its name, for messages; `content` its text, or its bytes.
 * @throws PolicyFileError that tells every mistake of the file with line, column and excerpt. A file that is no TOML
 *   has one: what follows it cannot be told apart.
 */
export function parsePolicy(content: string | Uint8Array, file: string): Policy {
  const text = decode(content, file);
  const toml = readToml(text, file);
  const mistakes = new Mistakes(text, file, locate(text));
  const root = new TableReader(toml, [], mistakes);

  checkVersion(root);
  const expires = root.date("expires");
  const trust = parseTrust(root.table("trust"));
  const signers = parseSigners(root.table("signers"), trust.keyring);
  const named = { signers, groups: parseGroups(root.table("groups"), signers) };
  const floor = parseFloor(root.table("floor"), signers);
  const base = parseDefault(root.table("default"), named);
  const rules = parseRules(root.tables("rule"), base, named);
  root.finish();
  mistakes.throwIfAny();
  return {
    ...(expires !== undefined && { expires: endOfDay(expires) }),
    trust,
    keys: keySigners(signers),
    floor,
    rules,
    default: base,
  };
}

function keySigners(signers: Named): KeySigner[] {
  return [...signers.values()].flatMap((signer) => signer?.members.filter((member) => member.kind === "key") ?? []);
}

function decode(content: string | Uint8Array, file: string): string {
  const bytes = typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
  if (bytes > maxBytes)
    throw policyFileError(file, 1, [`${file}: the file has ${bytes} bytes, a policy has at most ${maxBytes}`]);
  if (typeof content === "string") return content;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw notUtf8(content, file);
  }
}

/** Lines are told apart before they are decoded: in UTF-8, the byte of a line feed is nothing else. */
function notUtf8(bytes: Uint8Array, file: string): PolicyFileError {
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const broken = lines.findIndex((line) => Buffer.from(line, "latin1").toString("utf8").includes("\uFFFD"));
  return policyFileError(file, 1, [`${file}:${broken + 1}:1: the line is not UTF-8, TOML files are`]);
}

function readToml(text: string, file: string): TomlTable {
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

function checkVersion(root: TableReader): void {
  const version = root.integer("version");
  if (!root.has("version")) root.missing("version", 'the file begins with "version = 1"');
  else if (version !== undefined && version !== 1)
    root.wrong("version", `version ${version} of the policy language is not known, only 1 is`);
}

function endOfDay(day: Date): Date {
  return new Date(day.getTime() + 24 * 60 * 60 * 1000);
}
