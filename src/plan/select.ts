import type { ArtifactRef, PinnedDigest } from "../distribution/artifact.ts";
import { compareBuildTags, type WheelFilename } from "../distribution/filename.ts";
import type { MarkerEnvironment } from "../distribution/marker.ts";
import { parseSpecifierSet, satisfies } from "../distribution/specifier.ts";
import { compareVersions, type Version } from "../distribution/version.ts";

/** What the target interpreter can run. */
export interface Target {
  /** Compatibility tags, the most specific first. */
  readonly tags: readonly string[];
  readonly pythonVersion: Version;
}

/** What a plan is made for. */
export interface PlanTarget extends Target {
  readonly markers: MarkerEnvironment;
}

/** What of a file counts for the choice. */
export type Candidate = Pick<ArtifactRef, "filename" | "requiresPython"> & Partial<Pick<ArtifactRef, "digests">>;

/** The file to install, or why there is none: one line for each file of the version, or none when it has no files. */
export type Selection<File extends Candidate = ArtifactRef> =
  | { readonly outcome: "selected"; readonly ref: File }
  | { readonly outcome: "none"; readonly reasons: readonly string[] };

/**
 * Chooses among the files that an index, folder or lock file offers for one version: the wheel whose tag the
 * interpreter likes best, then the highest build tag (binary distribution format, "build tag"), then the first offered.
 * A source distribution is chosen only when no wheel fits; the policy then has its say. Where the user pinned digests,
 * a file that is promised to have one of them goes before the others.
 */
export function selectArtifact<File extends Candidate>(
  files: readonly File[],
  target: Target,
  pins: readonly PinnedDigest[] = [],
): Selection<File> {
  const rank = ranksOf(target.tags);
  const reasons: string[] = [];
  const fitting: { ref: File; rank: number }[] = [];

  for (const ref of promisedOrAll(files, pins)) {
    const tagRank = ref.filename.kind === "wheel" ? bestRank(ref.filename, rank) : Number.POSITIVE_INFINITY;
    const reason = unfit(ref, tagRank, target);
    if (reason === undefined) fitting.push({ ref, rank: tagRank ?? Number.POSITIVE_INFINITY });
    else reasons.push(`${ref.filename.text}: ${reason}`);
  }

  const [best] = fitting.sort((a, b) => a.rank - b.rank || -compareBuilds(a.ref, b.ref));
  return best === undefined ? { outcome: "none", reasons } : { outcome: "selected", ref: best.ref };
}

/** All that an installer might choose which follows an order of its own: each wheel that fits, else each source distribution. */
export function everyFittingFile<File extends Candidate>(files: readonly File[], target: Target): File[] {
  const rank = ranksOf(target.tags);
  const wheels = files.filter(({ filename }) => filename.kind === "wheel" && bestRank(filename, rank) !== undefined);
  return wheels.length > 0 ? wheels : files.filter(({ filename }) => filename.kind === "sdist");
}

/** The rank of each tag. There are hundreds, and a lock asks for each of its packages: made once for an interpreter. */
const ranks = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function ranksOf(tags: readonly string[]): ReadonlyMap<string, number> {
  const known = ranks.get(tags) ?? new Map(tags.map((tag, at) => [tag, at]));
  ranks.set(tags, known);
  return known;
}

function unfit(ref: Candidate, tagRank: number | undefined, { pythonVersion }: Target): string | undefined {
  if (tagRank === undefined) return "no tag of it fits the interpreter";
  if (ref.requiresPython === undefined || meets(ref.requiresPython, pythonVersion)) return undefined;
  return `it requires Python ${ref.requiresPython}`;
}

/** An unreadable `requires-python` of an index hides nothing: METADATA decides. */
function meets(requiresPython: string, pythonVersion: Version): boolean {
  try {
    return satisfies(parseSpecifierSet(requiresPython), pythonVersion);
  } catch {
    return true;
  }
}

function bestRank({ tags }: WheelFilename, rank: ReadonlyMap<string, number>): number | undefined {
  let best: number | undefined;
  for (const tag of tags) {
    const own = rank.get(tag);
    if (own !== undefined && (best === undefined || own < best)) best = own;
  }
  return best;
}

function compareBuilds(a: Candidate, b: Candidate): number {
  const [left, right] = [a.filename, b.filename];
  return left.kind === "wheel" && right.kind === "wheel" ? compareBuildTags(left.build, right.build) : 0;
}

/** The files promised to have a pinned digest; when none is, all: the gate then names the mismatch. */
function promisedOrAll<File extends Candidate>(files: readonly File[], pins: readonly PinnedDigest[]): readonly File[] {
  const promised = files.filter(({ digests }) => pins.some(({ algorithm, hex }) => digests?.[algorithm] === hex));
  return promised.length > 0 ? promised : files;
}

/** The versions that `files` offer, newest first, each once: for messages. */
export function offeredVersions(files: readonly ArtifactRef[]): string[] {
  const versions = new Map(files.map(({ filename: { version } }) => [version.text, version]));
  return [...versions.values()].sort((a, b) => compareVersions(b, a)).map(({ text }) => text);
}
