import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import type { PolicySubject } from "../policy/policy.ts";
import type { PublisherTable } from "../trust/publisher-table.ts";
import type { Verdict } from "../verdict/verdict.ts";

/** What asks for passage. */
export interface GateRequest {
  readonly ref: ArtifactRef;
  readonly relation: PolicySubject["relation"];
  /** Who has to have signed it, as a lock file says; never empty. */
  readonly lockedIdentities?: readonly PublisherTable[];
  /** Whether a digest that a lock file pins may be judged in place of the bytes. Never where something is installed. */
  readonly byDigest?: boolean;
}

/** One artifact with its verdict. Whoever gets it closes `artifact`. */
export interface Judged {
  readonly ref: ArtifactRef;
  /** Absent when it was refused before the download, could not be had, or was judged by its digest. */
  readonly artifact?: Artifact;
  /** The digest that was judged in place of the bytes … */
  readonly sha256?: string;
  /** … and what was not looked at therefore. */
  readonly unseen?: readonly ("archive" | "record")[];
  readonly verdict: Verdict;
}

/** What the policy can know of an artifact without evidence. */
export function subjectOf({ ref, relation, lockedIdentities }: GateRequest, sha256?: string): PolicySubject {
  const { filename, source, yanked, projectStatus, uploadTime, attestedBefore } = ref;
  return {
    name: filename.name,
    version: filename.version,
    kind: filename.kind,
    relation,
    filename: filename.text,
    origin: originOf(ref),
    ...(source.kind === "index" && { index: source.url.href }),
    ...(sha256 !== undefined && { sha256 }),
    ...(yanked !== undefined && { yanked }),
    ...(projectStatus !== undefined && { projectStatus }),
    ...(lockedIdentities !== undefined && { lockedIdentities }),
    ...(uploadTime !== undefined && { uploadTime }),
    ...(attestedBefore !== undefined && { attestedBefore }),
  };
}

function originOf({ source, url }: ArtifactRef): PolicySubject["origin"] {
  if (source.kind === "index") return "index";
  if (url.protocol === "file:") return "local";
  return source.kind === "find-links" ? "links" : "url";
}
