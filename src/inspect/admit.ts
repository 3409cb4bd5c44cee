import type { Artifact } from "../distribution/artifact.ts";
import type { AdmittedArtifact, AllowVerdict } from "../verdict/verdict.ts";

/** The one place that makes an `AdmittedArtifact`: only a verdict that allows gets an artifact past the gate. */
export function admit(artifact: Artifact, verdict: AllowVerdict): AdmittedArtifact {
  return { ...artifact, verdict } as AdmittedArtifact;
}
