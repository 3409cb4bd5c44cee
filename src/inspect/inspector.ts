import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import type { Evidence } from "../verdict/evidence.ts";

/**
 * One inspector of the dist-inspector pipeline (pip issue 12766). Built-in checks and plugins are the same thing.
 * An inspector says what it saw; it never decides. What it throws becomes `unavailable` evidence.
 *
 * The hooks keep the RFC's spelling, since that is the word people search for.
 */
export interface DistInspector {
  readonly name: string;
  /** Whether it has to see the bytes: then no digest is judged in their place. */
  readonly needsBytes?: boolean;
  /** Before the first byte is asked for; again for each redirect, with the new URL in `ref`. */
  pre_download?(ref: ArtifactRef): Promise<readonly Evidence[]>;
  /** With the bytes held and their digests computed, before the first member is read out for installing. */
  pre_extract?(artifact: Artifact): Promise<readonly Evidence[]>;
  /** Instead of `pre_extract`, where a digest is judged and there are no bytes. Not part of the RFC. */
  by_digest?(ref: ArtifactRef, sha256: string): Promise<readonly Evidence[]>;
}
