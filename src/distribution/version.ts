import { quotation, UsageError } from "../errors.ts";

/** A version (PyPA: version specifiers, formerly PEP 440). Numbers have no upper bound, so they are bigints. */
export interface Version {
  /** The normal form, by which versions are written. Two versions may be equal and written differently: 1.0, 1.0.0. */
  readonly text: string;
  readonly epoch: bigint;
  readonly release: readonly bigint[];
  readonly pre?: { readonly phase: "a" | "b" | "rc"; readonly number: bigint };
  readonly post?: bigint;
  readonly dev?: bigint;
  /** The parts of the local version; a number where the part is one. */
  readonly local?: readonly (bigint | string)[];
}

/** The specification's appendix B, "parsing version strings with regular expressions", case-insensitive. */
const pattern =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<phase>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<pre>\d*))?(?:-(?<implicitPost>\d+)|[-_.]?(?<postWord>post|rev|r)[-_.]?(?<post>\d*))?(?:[-_.]?(?<devWord>dev)[-_.]?(?<dev>\d*))?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;

/** A final release in its normal form, as nearly all are written. */
const plain = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*$/;

const phases: Readonly<Record<string, "a" | "b" | "rc">> = {
  a: "a",
  alpha: "a",
  b: "b",
  beta: "b",
  c: "rc",
  rc: "rc",
  pre: "rc",
  preview: "rc",
};

/** A version longer than this is refused: its numbers would take long to read, and nobody writes one. */
const maxLength = 1024;

export function isVersion(text: string): boolean {
  return latest?.text === text || isPlain(text) || match(text) !== undefined;
}

/** Pages and lock files name one version again and again, one after the other. */
let latest: { readonly text: string; readonly version: Version } | undefined;

/**
 * Parses a version in any of the spellings that the specification allows, with white space around it.
 * @throws UsageError `invalid-version`
 */
export function parseVersion(text: string): Version {
  if (latest?.text !== text) latest = { text, version: parsed(text) };
  return latest.version;
}

function parsed(text: string): Version {
  if (isPlain(text)) return { text, epoch: 0n, release: text.split(".").map(BigInt) };
  const groups = match(text);
  if (groups === undefined) throw new UsageError("invalid-version", `"${quotation(text)}" is not a version (PEP 440)`);
  const phase = groups.phase === undefined ? undefined : phases[groups.phase.toLowerCase()];
  const hasPost = groups.postWord !== undefined || groups.implicitPost !== undefined;
  const parts = {
    epoch: BigInt(groups.epoch ?? 0),
    release: (groups.release ?? "").split(".").map(BigInt),
    ...(phase && { pre: { phase, number: BigInt(groups.pre || 0) } }),
    ...(hasPost && { post: BigInt(groups.implicitPost ?? (groups.post || 0)) }),
    ...(groups.devWord !== undefined && { dev: BigInt(groups.dev || 0) }),
    ...(groups.local !== undefined && { local: groups.local.split(/[-_.]/).map(localPart) }),
  };
  return { text: format(parts), ...parts };
}

function isPlain(text: string): boolean {
  return text.length <= maxLength && plain.test(text);
}

function match(text: string): Record<string, string | undefined> | undefined {
  return text.length > maxLength ? undefined : pattern.exec(text.trim())?.groups;
}

function localPart(part: string): bigint | string {
  return /^\d+$/.test(part) ? BigInt(part) : part.toLowerCase();
}

function format({ epoch, release, pre, post, dev, local }: Omit<Version, "text">): string {
  return [
    epoch === 0n ? "" : `${epoch}!`,
    release.join("."),
    pre === undefined ? "" : `${pre.phase}${pre.number}`,
    post === undefined ? "" : `.post${post}`,
    dev === undefined ? "" : `.dev${dev}`,
    local === undefined ? "" : `+${local.join(".")}`,
  ].join("");
}

/** Whether the version is a pre-release or a development release. */
export function isPrerelease({ pre, dev }: Version): boolean {
  return pre !== undefined || dev !== undefined;
}

/** The order of versions: negative, zero or positive. Trailing zeros of the release say nothing: 1.0 equals 1. */
export function compareVersions(a: Version, b: Version): number {
  return comparePublic(a, b) || compareLocal(a.local, b.local);
}

/** `compareVersions` without regard to local versions. */
export function comparePublic(a: Version, b: Version): number {
  return (
    compare(a.epoch, b.epoch) ||
    compareRelease(a.release, b.release) ||
    comparePre(a, b) ||
    compare(a.post ?? -1n, b.post ?? -1n) ||
    compareDev(a.dev, b.dev)
  );
}

/** The releases' numbers, the shorter filled up with zeros. */
export function compareRelease(a: readonly bigint[], b: readonly bigint[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compare(a[at] ?? 0n, b[at] ?? 0n);
    if (order !== 0) return order;
  }
  return 0;
}

/** A development release of the final comes before every pre-release; the final comes after them. */
function comparePre(a: Version, b: Version): number {
  const rank = ({ pre, post, dev }: Version) => {
    if (pre !== undefined) return { a: 1, b: 2, rc: 3 }[pre.phase];
    return post === undefined && dev !== undefined ? 0 : 4;
  };
  return rank(a) - rank(b) || compare(a.pre?.number ?? 0n, b.pre?.number ?? 0n);
}

function compareDev(a: bigint | undefined, b: bigint | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compare(a, b);
}

/** None comes before some; numbers come after words; a prefix comes before what goes on. */
function compareLocal(a: Version["local"] = [], b: Version["local"] = []): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    if (typeof left !== typeof right) return typeof left === "bigint" ? 1 : -1;
    const order = compare(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
