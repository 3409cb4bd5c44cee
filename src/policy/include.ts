import { hash } from "node:crypto";
import { posix } from "node:path";
import { isHexDigest } from "../distribution/digest.ts";
import { messageOf } from "../errors.ts";
import { locate } from "./locate.ts";
import { Mistakes } from "./mistakes.ts";
import { decode, readToml } from "./read-toml.ts";
import { TableReader } from "./table-reader.ts";

/** Reads a file by its path from the folder of the policy file, with `/`. What it throws is told as a mistake. */
export type ReadInclude = (path: string) => Uint8Array;

/** One file of a policy, to be read key by key. */
export interface PolicyPart {
  readonly root: TableReader;
  readonly mistakes: Mistakes;
  /** How messages name its rules; absent for the policy file itself. */
  readonly name?: string;
}

/** More files than this are no policy that anybody reviews. */
const maxIncludes = 100;

/** What the policy as a whole says, and an included file cannot: it adds floors, rules and exceptions. */
const ofThePolicy = ["trust", "default", "expires"] as const;

/**
 * The policy file and the files that it includes, each pinned by its SHA-256: what is judged by is what was reviewed.
 * @throws PolicyFileError when one of them is no TOML
 */
export function readParts(
  content: string | Uint8Array,
  file: string,
  readInclude: ReadInclude | undefined,
): [PolicyPart, ...PolicyPart[]] {
  const main = openPart(content, file);
  // Where the policy file lies is not for it to say, so it has its own name in its own folder.
  const seen = new Set([posix.basename(file)]);
  const included: PolicyPart[] = [];

  const visit = (part: PolicyPart, folder: string, chain: readonly string[]) => {
    for (const entry of part.root.tables("include")) {
      const include = parseInclude(entry, folder);
      if (include === undefined) continue;
      const problem = repetition(include.path, chain, seen);
      const bytes = problem === undefined ? readPinned(entry, include, readInclude) : entry.wrong("file", problem);
      if (bytes === undefined) continue;
      seen.add(include.path);
      const inner = openPart(bytes, posix.join(posix.dirname(file), include.path), include.path);
      for (const key of ofThePolicy.filter((kept) => inner.root.has(kept)))
        inner.root.wrongKey(key, `"${key}" is for the policy that includes this file to say`);
      included.push(inner);
      visit(inner, posix.dirname(include.path), [...chain, include.path]);
    }
  };
  visit(main, "", [posix.basename(file)]);
  return [main, ...included];
}

function openPart(content: string | Uint8Array, file: string, name?: string): PolicyPart {
  const text = decode(content, file);
  const toml = readToml(text, file);
  const mistakes = new Mistakes(text, file, locate(text));
  return { root: new TableReader(toml, [], mistakes), mistakes, ...(name !== undefined && { name }) };
}

interface Include {
  /** From the folder of the policy file. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** `{ file = PATH, sha256 = HEX }`; the path is relative to the folder of the file it stands in. */
function parseInclude(entry: TableReader, folder: string): Include | undefined {
  const file = entry.text("file");
  const sha256 = entry.text("sha256");
  if (!entry.has("file")) entry.missing("file", "it is the path of a policy file, relative to this one");
  if (!entry.has("sha256")) entry.missing("sha256", "an included file is pinned by its SHA-256");
  entry.finish();
  if (file === undefined || sha256 === undefined) return undefined;
  if (!isHexDigest("sha256", sha256))
    return entry.wrong("sha256", `"${sha256}" is no sha256, expected 64 hexadecimal digits`);
  if (/^[/\\]|^[A-Za-z][A-Za-z0-9+.-]*:|\\/.test(file))
    return entry.wrong("file", `"${file}" is no relative path, such as "base/policy.toml"`);
  return { path: posix.normalize(posix.join(folder, file)), sha256: sha256.toLowerCase() };
}

function repetition(path: string, chain: readonly string[], seen: ReadonlySet<string>): string | undefined {
  if (chain.includes(path)) return `"${path}" includes itself: ${[...chain, path].join(" includes ")}`;
  if (seen.has(path)) return `"${path}" is included twice`;
  return seen.size > maxIncludes ? `a policy includes at most ${maxIncludes} files` : undefined;
}

function readPinned(
  entry: TableReader,
  { path, sha256 }: Include,
  readInclude: ReadInclude | undefined,
): Uint8Array | undefined {
  if (readInclude === undefined)
    return entry.wrong("file", "this policy comes from no folder, so it cannot include files");
  let bytes: Uint8Array;
  try {
    bytes = readInclude(path);
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    return entry.wrong("file", `"${path}" ${isAbsent ? "is not there" : `cannot be read: ${messageOf(error)}`}`);
  }
  const actual = hash("sha256", bytes, "hex");
  return actual === sha256 ? bytes : entry.wrong("sha256", `"${path}" has another sha256: ${actual}`);
}
