import type { ArtifactRef, PinnedDigest } from "../distribution/artifact.ts";
import type { Requirement } from "../distribution/requirement.ts";
import { pinnedVersion } from "../distribution/specifier.ts";
import type { RequestedLock } from "./requested-lock.ts";

/** What the user asked for, read from arguments and files and not judged yet. */
export interface PlanRequest {
  readonly requirements: readonly RequestedRequirement[];
  /** Artifacts the user named by path. */
  readonly files: readonly RequestedFile[];
  /** Narrow versions down, ask for nothing. */
  readonly constraints: readonly RequestedRequirement[];
  readonly locks: readonly RequestedLock[];
  readonly requireHashes: boolean;
  /** Whether pre-releases count everywhere; else only where a requirement names one or there is nothing else. */
  readonly prereleases: boolean;
  /** Whether several files of one project are an answer, as where files are judged and not installed. */
  readonly severalPerProject: boolean;
}

export interface RequestedRequirement {
  readonly requirement: Requirement;
  readonly pins: readonly PinnedDigest[];
  /** Where it stands, for messages: `requirements.txt:3`, or the argument itself. */
  readonly place: string;
  /** Whether something else needs it, and the user did not name it. */
  readonly isDependency?: boolean;
}

export interface RequestedFile {
  readonly ref: ArtifactRef;
  readonly extras: readonly string[];
  readonly place: string;
}

/** Whether the request leaves no version open: each project that is asked for is pinned by somebody. */
export function isPinned({ requirements, constraints }: PlanRequest): boolean {
  const pinned = new Set(
    [...requirements, ...constraints].flatMap(({ requirement: { name, url, specifiers } }) =>
      url !== undefined || pinnedVersion(specifiers) !== undefined ? [name] : [],
    ),
  );
  return requirements.every(({ requirement }) => pinned.has(requirement.name));
}

/** Whether there is nothing to choose. */
export function isSettled(plan: PlanRequest): boolean {
  return isPinned(plan) || plan.requireHashes;
}
