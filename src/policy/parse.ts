import { type PolicyPart, type ReadInclude, readParts } from "./include.ts";
import { parseExceptions } from "./parse-exceptions.ts";
import { parseFloors } from "./parse-floor.ts";
import { parseGroups } from "./parse-groups.ts";
import { parseDefault, parseRules } from "./parse-rules.ts";
import { type Named, parseSigners } from "./parse-signers.ts";
import { parseTrust } from "./parse-trust.ts";
import type { KeySigner, Policy } from "./policy.ts";
import { endOfDay, type TableReader } from "./table-reader.ts";

/**
 * Parses a policy file and what it includes. `file` is its name, for messages; `content` its text, or its bytes;
 * `readInclude` reads a file by its path from the folder of the policy file.
 * @throws PolicyFileError that tells every mistake of the file with line, column and excerpt. A file that is no TOML
 *   has one: what follows it cannot be told apart.
 */
export function parsePolicy(content: string | Uint8Array, file: string, readInclude?: ReadInclude): Policy {
  const [main, ...included] = readParts(content, file, readInclude);
  const { root } = main;
  const parts = [main, ...included];
  const tables = (key: string) => parts.flatMap((part) => part.root.table(key) ?? []);

  const expires = root.date("expires");
  const trust = parseTrust(root.table("trust"));
  const signers = parseSigners(tables("signers"), trust.keyring);
  const named = { signers, groups: parseGroups(tables("groups"), signers) };
  const floor = parseFloors(tables("floor"), signers);
  const base = parseDefault(root.table("default"), named);
  const rules = parts.flatMap((part) => parseRules(part.root.tables("rule"), base, named, part.name));
  const exceptions = parseExceptions(parts.flatMap((part) => part.root.tables("exception")));
  parts.forEach(finish);
  return {
    ...(expires !== undefined && { expires: endOfDay(expires) }),
    trust,
    keys: keySigners(signers),
    floor,
    rules,
    default: base,
    exceptions,
  };
}

function finish({ root, mistakes }: PolicyPart): void {
  checkVersion(root);
  root.finish();
  mistakes.throwIfAny();
}

function keySigners(signers: Named): KeySigner[] {
  return [...signers.values()].flatMap((signer) => signer?.members.filter((member) => member.kind === "key") ?? []);
}

function checkVersion(root: TableReader): void {
  const version = root.integer("version");
  if (!root.has("version")) root.missing("version", 'the file begins with "version = 1"');
  else if (version !== undefined && version !== 1)
    root.wrong("version", `version ${version} of the policy language is not known, only 1 is`);
}
