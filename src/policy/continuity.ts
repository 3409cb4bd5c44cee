import { releaseSeries } from "../distribution/release-series.ts";
import { compareVersions, parseVersion, type Version } from "../distribution/version.ts";
import type { PinnedProject, PinnedRelease } from "./pins.ts";
import type { PolicySubject } from "./policy.ts";

/**
 * The provenance of a file beside what was pinned of its project, in PyPI's words for releases: `no-` and
 * `full-provenance` are as before; `partial-` and `inconsistent-provenance` differ within the release; `lost-` and
 * `changed-provenance` differ from the release it follows. `new`: nothing of the project is pinned.
 */
export type ProvenanceState =
  | "new"
  | "no-provenance"
  | "full-provenance"
  | "partial-provenance"
  | "inconsistent-provenance"
  | "lost-provenance"
  | "changed-provenance";

export interface Continuity {
  readonly state: ProvenanceState;
  /** The release that it was compared with, and who signed that; absent when there is none. */
  readonly reference?: { readonly version: string; readonly signers: readonly string[] };
}

/**
 * Compares who signed a file with what is pinned of its project: with other files of its release, else with the release
 * before it in its series, else with the nearest there is. Whoever signed all attested files there has to have signed
 * this one; that others did too is no change.
 */
export function compareWithPins(
  project: PinnedProject | undefined,
  { version, filename }: Pick<PolicySubject, "version" | "filename">,
  signers: readonly string[],
): Continuity {
  const reference = project && referenceFor(project, version, filename);
  if (reference === undefined) return { state: "new" };
  const wanted = commonSigners(reference.release);
  const compared = { version: reference.version, signers: wanted ?? [] };
  const [lost, changed] = reference.isSame
    ? (["partial-provenance", "inconsistent-provenance"] as const)
    : (["lost-provenance", "changed-provenance"] as const);
  if (signers.length === 0) return { state: wanted === undefined ? "no-provenance" : lost, reference: compared };
  const isKept = wanted === undefined || isSignedAsBefore(wanted, reference.release, signers);
  return { state: isKept ? "full-provenance" : changed, reference: compared };
}

interface Reference {
  readonly version: string;
  readonly release: PinnedRelease;
  /** Whether it is the release of the file itself, with its other files. */
  readonly isSame: boolean;
}

function referenceFor(project: PinnedProject, version: Version, filename: string): Reference | undefined {
  const own = project.get(version.text);
  if (own?.has(filename)) {
    const pinned = new Map([[filename, own.get(filename) ?? []]]);
    return { version: version.text, release: pinned, isSame: false };
  }
  if (own !== undefined && own.size > 0) return { version: version.text, release: own, isSame: true };
  const others = [...project].map(([text, release]) => ({ version: parseVersion(text), release }));
  const series = others.filter((other) => releaseSeries(other.version) === releaseSeries(version));
  const nearest = nearestTo(version, series.length > 0 ? series : others);
  return nearest && { version: nearest.version.text, release: nearest.release, isSame: false };
}

/** The newest of those before `version`, else the oldest of those after it. */
function nearestTo<T extends { readonly version: Version }>(version: Version, releases: readonly T[]): T | undefined {
  const inOrder = releases.toSorted((a, b) => compareVersions(a.version, b.version));
  return inOrder.findLast((other) => compareVersions(other.version, version) < 0) ?? inOrder[0];
}

/** Who signed every attested file of a release, which may be nobody; `undefined` when no file is attested. */
function commonSigners(release: PinnedRelease): readonly string[] | undefined {
  const attested = [...release.values()].filter((signers) => signers.length > 0);
  const [first, ...others] = attested;
  return first?.filter((signer) => others.every((signers) => signers.includes(signer)));
}

/** Where no signer is common to a release, any signer of it will do. */
function isSignedAsBefore(common: readonly string[], release: PinnedRelease, signers: readonly string[]): boolean {
  if (common.length > 0) return common.every((signer) => signers.includes(signer));
  return [...release.values()].flat().some((signer) => signers.includes(signer));
}
