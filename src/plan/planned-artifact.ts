import type { ArtifactRef } from "../distribution/artifact.ts";
import type { PublisherTable } from "../trust/publisher-table.ts";

/** One artifact to pass through the gate and to install. */
export interface PlannedArtifact {
  readonly ref: ArtifactRef;
  readonly extras: readonly string[];
  readonly place: string;
  /** Whether the user named it, as opposed to a lock file or a dependency. */
  readonly requested: boolean;
  /** Who has to have signed it, as a lock file says; never empty. */
  readonly lockedIdentities?: readonly PublisherTable[];
  /** Whether a lock file names it, and its digests. */
  readonly locked?: boolean;
}
