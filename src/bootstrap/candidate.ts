import type { ArtifactRef } from "../distribution/artifact.ts";
import type { ArtifactFilename } from "../distribution/filename.ts";
import { compareVersions, isPrerelease } from "../distribution/version.ts";
import { type Candidate as Choosable, selectArtifact, type Target } from "../plan/select.ts";
import { type KnownWheel, pinOf, type Tool } from "./tool.ts";

/** A wheel to try, and by what it can be vouched for: the digest that tspip knows, or an attestation. */
export interface Candidate {
  readonly ref: ArtifactRef;
  readonly vouching: Vouching;
}

export type Vouching = "digest" | "attestation";

/** What one location has to offer. */
export interface Choice {
  readonly candidate?: Candidate;
  /** Newer wheels that nothing vouches for. */
  readonly passedOver: readonly ArtifactRef[];
}

/**
 * Chooses the newest wheel that fits and that something may vouch for. One that nothing can vouch for is taken only when
 * there is no other, so that the gate names what is missing.
 * @param mayBeAttested whether there may be an attestation that the file's source does not speak of
 */
export function chooseCandidate(
  files: readonly ArtifactRef[],
  tool: Tool,
  target: Target,
  mayBeAttested: (ref: ArtifactRef) => boolean,
): Choice {
  const passedOver: ArtifactRef[] = [];
  for (const ref of newestFirst(files.filter(isFinalWheel), target, tool)) {
    const candidate = toCandidate(ref, tool);
    if (candidate.vouching === "digest" || ref.provenance instanceof URL || mayBeAttested(ref))
      return { candidate, passedOver };
    passedOver.push(ref);
  }
  const [newest] = passedOver;
  return newest === undefined ? { passedOver } : { candidate: toCandidate(newest, tool), passedOver: [] };
}

/** A file with the name of a published one must have its bytes, whoever offers it and whatever is promised of it. */
export function toCandidate(ref: ArtifactRef, tool: Tool): Candidate {
  const pin = pinOf(tool, ref.filename.text);
  return pin === undefined ? { ref, vouching: "attestation" } : { ref: { ...ref, pins: [pin] }, vouching: "digest" };
}

/** The newest known wheel that fits: what to fetch by hand. */
export function newestKnown({ knownWheels }: Tool, target: Target): KnownWheel | undefined {
  return releases([...knownWheels.values()])
    .map((wheels) => selectArtifact(wheels, target))
    .find((selection) => selection.outcome === "selected")?.ref;
}

function isFinalWheel({ filename, yanked }: ArtifactRef): boolean {
  return filename.kind === "wheel" && yanked === undefined && !isPrerelease(filename.version);
}

function newestFirst(files: readonly ArtifactRef[], target: Target, tool: Tool): ArtifactRef[] {
  return releases(files).flatMap((wheels) => {
    const selection = selectArtifact(
      wheels.map((ref) => withKnownPython(ref, tool)),
      target,
    );
    return selection.outcome === "selected" ? [selection.ref] : [];
  });
}

/** Which Python a published wheel requires is known; a folder does not say it, and an index may say anything. */
function withKnownPython(ref: ArtifactRef, { knownWheels }: Tool): ArtifactRef {
  const requiresPython = knownWheels.get(ref.filename.text)?.requiresPython;
  return requiresPython === undefined ? ref : { ...ref, requiresPython };
}

/** Files by version, the newest first. */
function releases<File extends Choosable & { readonly filename: ArtifactFilename }>(files: readonly File[]): File[][] {
  const byVersion = Map.groupBy(files, ({ filename }) => filename.version.text);
  return [...byVersion.values()].sort(([a], [b]) =>
    a === undefined || b === undefined ? 0 : compareVersions(b.filename.version, a.filename.version),
  );
}
