import type { ArtifactRef } from "../distribution/artifact.ts";
import type { JsonStore } from "../memory/json-store.ts";
import type { AttestationEvidence } from "../verdict/evidence.ts";
import { revivedEvidence } from "./stored-evidence.ts";

/** What the attestations of a file proved, kept for later runs. What it means is judged anew each time. */
export interface EvidenceMemory {
  recall(ref: ArtifactRef, sha256: string): Promise<readonly AttestationEvidence[] | undefined>;
  remember(ref: ArtifactRef, sha256: string, evidence: readonly AttestationEvidence[]): Promise<void>;
}

/**
 * Evidence is found again for the same file, digest and provenance document, under the same trusted root and by the same
 * version of the verifier. Only what is final is kept: attestations that verified, and their absence; never what was
 * invalid or could not be had.
 * @param trustedRoot the digest of the trusted root in use; without one, nothing is remembered
 */
export function evidenceMemory(
  store: JsonStore,
  verifier: string,
  trustedRoot: () => Promise<string | undefined>,
): EvidenceMemory {
  const keyOf = async ({ filename, source, provenance }: ArtifactRef, sha256: string) => {
    const root = await trustedRoot();
    const place = source.kind === "direct" ? "" : source.url.href;
    // What is kept has another form than in the first versions.
    return root && ["attestations/2", verifier, root, filename.text, sha256, place, String(provenance)];
  };
  return {
    async recall(ref, sha256) {
      const key = await keyOf(ref, sha256);
      const value = key && store.get(key);
      return Array.isArray(value) ? value.map((each) => revivedEvidence<AttestationEvidence>(each)) : undefined;
    },
    async remember(ref, sha256, evidence) {
      const isFinal = evidence.every(({ outcome }) => outcome === "verified" || outcome === "absent");
      const key = isFinal && (await keyOf(ref, sha256));
      if (key) await store.set(key, evidence);
    },
  };
}
