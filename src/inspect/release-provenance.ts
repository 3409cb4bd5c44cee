import { parseAttestationDocument } from "../attestation/provenance.ts";
import type { PublisherClaim } from "../attestation/publisher-claim.ts";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { compareVersions, type Version } from "../distribution/version.ts";
import { AttestationError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { ProvenanceState } from "../policy/continuity.ts";
import { concurrently } from "./concurrently.ts";

/**
 * PyPI's words for the provenance of a release (pypi/warehouse, `Release.provenance_status`). Several may hold at once:
 * what is lost is also none. They go by what the index says of who published; the gate verifies the file itself.
 */
export type ReleaseProvenanceState = Exclude<ProvenanceState, "new">;

export interface ReleaseProvenance {
  readonly states: readonly ReleaseProvenanceState[];
  readonly filesWithProvenance: number;
  readonly files: number;
  /** The release before it, where that was close enough in time to be compared with. */
  readonly comparedWith?: string;
}

/** A release lost its provenance when one that is at most so much older had it. */
const comparedMilliseconds = 14 * 24 * 3_600_000;
/** A large release has some hundred files; one answer each. */
const parallelAnswers = 12;

/**
 * The states of the release that `ref` belongs to; nothing where the index does not know provenance, as mirrors do not.
 * @param files all that the index lists of the project
 */
export async function releaseProvenance(
  ref: ArtifactRef,
  files: readonly ArtifactRef[],
  client: Pick<IndexClient, "provenance">,
): Promise<ReleaseProvenance | undefined> {
  if (files.every(({ provenance }) => provenance === "unknown")) return undefined;
  const release = filesOf(ref.filename.version, files);
  const earlier = releaseBefore(release, files);
  const [own, before] = [await sourcesOf(release, client), await sourcesOf(earlier, client)];
  return {
    states: [...within(own), ...since(before, own)],
    filesWithProvenance: own.filter(isAttested).length,
    files: own.length,
    ...(earlier[0] && { comparedWith: earlier[0].filename.version.text }),
  };
}

function filesOf(version: Version, files: readonly ArtifactRef[]): readonly ArtifactRef[] {
  return files.filter(({ filename }) => compareVersions(filename.version, version) === 0);
}

/** The files of the newest version before it that was uploaded in the days before it. */
function releaseBefore(release: readonly ArtifactRef[], files: readonly ArtifactRef[]): readonly ArtifactRef[] {
  const [{ filename, uploadTime } = {}] = release;
  if (filename === undefined || uploadTime === undefined) return [];
  const [newest] = files
    .filter((file) => compareVersions(file.filename.version, filename.version) < 0)
    .filter((file) => file.uploadTime !== undefined && isShortlyBefore(file.uploadTime, uploadTime))
    .sort((a, b) => compareVersions(b.filename.version, a.filename.version));
  return newest === undefined ? [] : filesOf(newest.filename.version, files);
}

function isShortlyBefore(earlier: Date, later: Date): boolean {
  const age = later.getTime() - earlier.getTime();
  return age >= 0 && age <= comparedMilliseconds;
}

/** Whether a file is attested, and from where: `undefined` when the document cannot be had or read. */
type Sources = { readonly attested: false } | { readonly attested: true; readonly publishers: string[] | undefined };

function isAttested(file: Sources): boolean {
  return file.attested;
}

function sourcesOf(files: readonly ArtifactRef[], client: Pick<IndexClient, "provenance">): Promise<Sources[]> {
  return concurrently(files, parallelAnswers, async (file) => {
    if (!(file.provenance instanceof URL)) return { attested: false };
    const answer = await client.provenance(file);
    return { attested: true, publishers: answer.state === "found" ? publishersIn(answer.bytes) : undefined };
  });
}

function publishersIn(bytes: Uint8Array): string[] | undefined {
  try {
    const { bundles } = parseAttestationDocument(bytes, "provenance");
    return bundles.flatMap(({ publisher: claim }) => (claim === undefined ? [] : sourceOf(claim)));
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return undefined;
  }
}

/** Where it was published from; an environment or reference is no part of it. */
function sourceOf({ kind, publisher }: PublisherClaim): string {
  return JSON.stringify([kind, { ...publisher, environment: undefined }]);
}

function within(files: readonly Sources[]): ReleaseProvenanceState[] {
  const attested = files.filter(isAttested).length;
  if (attested === 0) return ["no-provenance"];
  const isConsistent = (publishersOf(files)?.size ?? 1) <= 1;
  return [
    attested === files.length ? "full-provenance" : "partial-provenance",
    ...(isConsistent ? [] : (["inconsistent-provenance"] as const)),
  ];
}

function since(before: readonly Sources[], now: readonly Sources[]): ReleaseProvenanceState[] {
  if (!before.some(isAttested)) return [];
  if (!now.some(isAttested)) return ["lost-provenance"];
  const [old, fresh] = [publishersOf(before), publishersOf(now)];
  // What cannot be read changes nothing: to call it a change would cry wolf.
  if (old === undefined || fresh === undefined) return [];
  return old.symmetricDifference(fresh).size > 0 ? ["changed-provenance"] : [];
}

/** All that a release was published from; `undefined` when that is not known of a file. */
function publishersOf(files: readonly Sources[]): Set<string> | undefined {
  const publishers = new Set<string>();
  for (const file of files) {
    if (!file.attested) continue;
    if (file.publishers === undefined) return undefined;
    for (const publisher of file.publishers) publishers.add(publisher);
  }
  return publishers;
}
