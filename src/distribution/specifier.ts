import { quotation, UsageError } from "../errors.ts";
import {
  comparePublic,
  compareRelease,
  compareVersions,
  isPrerelease,
  isVersion,
  parseVersion,
  type Version,
} from "./version.ts";

/** Version specifiers joined by commas; all must hold. The empty set allows every version. */
export interface SpecifierSet {
  /** As it was written, without surrounding white space. */
  readonly text: string;
  readonly clauses: readonly SpecifierClause[];
}

/** One specifier. `===` compares text, so its version need not be one. */
export type SpecifierClause =
  | { readonly operator: "==="; readonly text: string }
  | { readonly operator: "==" | "!="; readonly version: Version; readonly isPrefix: boolean }
  | { readonly operator: "<=" | ">=" | "<" | ">" | "~="; readonly version: Version };

const clausePattern = /^(?<operator>===|==|~=|!=|<=|>=|<|>)\s*(?<version>[^\s,;()]+)$/;

/**
 * Parses a specifier set (PyPA: version specifiers, formerly PEP 440).
 * @throws UsageError `invalid-specifier`
 */
export function parseSpecifierSet(text: string): SpecifierSet {
  const trimmed = text.trim();
  // A trailing comma is tolerated, as `packaging` does: old metadata has it.
  const clauses = trimmed
    .split(",")
    .map((clause) => clause.trim())
    .filter((clause) => clause !== "");
  return { text: trimmed, clauses: clauses.map(parseClause) };
}

function parseClause(clause: string): SpecifierClause {
  const { operator, version: text = "" } = clausePattern.exec(clause)?.groups ?? {};
  if (operator === "===") return { operator, text };
  if (operator === "==" || operator === "!=") {
    const isPrefix = text.endsWith(".*");
    const version = parsed(isPrefix ? text.slice(0, -2) : text, clause);
    // `packaging` takes a prefix of release numbers only.
    if (isPrefix && !isPlainRelease(version)) throw invalid(clause);
    return { operator, version, isPrefix };
  }
  if (operator === "<=" || operator === ">=" || operator === "<" || operator === ">" || operator === "~=") {
    const version = parsed(text, clause);
    if (version.local !== undefined) throw invalid(clause);
    // "~= 1" has no last part to let float.
    if (operator === "~=" && version.release.length < 2) throw invalid(clause);
    return { operator, version };
  }
  throw invalid(clause);
}

function isPlainRelease({ pre, post, dev, local }: Version): boolean {
  return [pre, post, dev, local].every((part) => part === undefined);
}

function parsed(text: string, clause: string): Version {
  if (!isVersion(text)) throw invalid(clause);
  return parseVersion(text);
}

function invalid(clause: string): UsageError {
  return new UsageError("invalid-specifier", `"${quotation(clause)}" is not a version specifier (PEP 440)`);
}

/**
 * Whether `version` meets every clause of `set`. Pre-releases are judged like other versions: whether they are wanted
 * at all is a question of what else is on offer, which the caller knows.
 */
export function satisfies(set: SpecifierSet, version: Version): boolean {
  return set.clauses.every((clause) => meets(clause, version));
}

/** The version that the set pins: its one clause is `==` without `.*`, or `===`. */
export function pinnedVersion({ clauses }: SpecifierSet): string | undefined {
  const [clause, ...others] = clauses;
  if (clause === undefined || others.length > 0) return undefined;
  if (clause.operator === "===") return isVersion(clause.text) ? clause.text : undefined;
  return clause.operator === "==" && !clause.isPrefix ? clause.version.text : undefined;
}

function meets(clause: SpecifierClause, version: Version): boolean {
  switch (clause.operator) {
    case "===":
      return version.text.toLowerCase() === clause.text.toLowerCase();
    case "==":
      return equals(clause.version, clause.isPrefix, version);
    case "!=":
      return !equals(clause.version, clause.isPrefix, version);
    case "<=":
      return comparePublic(version, clause.version) <= 0;
    case ">=":
      return comparePublic(version, clause.version) >= 0;
    case "<":
      return isBefore(version, clause.version);
    case ">":
      return isAfter(version, clause.version);
    case "~=":
      return isCompatible(version, clause.version);
  }
}

/** A local version counts only where the specifier has one ("version matching"). */
function equals(wanted: Version, isPrefix: boolean, version: Version): boolean {
  if (isPrefix) return hasPrefix(version, wanted);
  return wanted.local === undefined ? comparePublic(version, wanted) === 0 : compareVersions(version, wanted) === 0;
}

/** "Version matching" with `.*`: the first numbers of the release, filled up with zeros. */
function hasPrefix(version: Version, prefix: Version): boolean {
  const release = version.release.slice(0, prefix.release.length);
  return version.epoch === prefix.epoch && compareRelease(release, prefix.release) === 0;
}

/** "Exclusive ordered comparison": a pre-release of V is not before V, unless V is one itself. */
function isBefore(version: Version, limit: Version): boolean {
  if (comparePublic(version, limit) >= 0) return false;
  return isPrerelease(limit) || !isPrerelease(version) || !isSameRelease(version, limit);
}

/** As above: a post-release of V is not after V, unless V is one itself; a local version of its release never is. */
function isAfter(version: Version, limit: Version): boolean {
  if (comparePublic(version, limit) <= 0) return false;
  if (!isSameRelease(version, limit)) return true;
  return version.local === undefined && (limit.post !== undefined || version.post === undefined);
}

function isSameRelease(a: Version, b: Version): boolean {
  return a.epoch === b.epoch && compareRelease(a.release, b.release) === 0;
}

/** "Compatible release": `~= 2.2.post3` is `>= 2.2.post3, == 2.*`. */
function isCompatible(version: Version, limit: Version): boolean {
  const { epoch } = limit;
  const series: Version = { text: "", epoch, release: limit.release.slice(0, -1) };
  return comparePublic(version, limit) >= 0 && hasPrefix(version, series);
}
