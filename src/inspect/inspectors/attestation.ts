import type { Artifact, ArtifactRef } from "../../distribution/artifact.ts";
import { type Attestation, type AttestationBundle, parseAttestationDocument } from "../../attestation/provenance.ts";
import { checkPublisherClaim, verifyAttestation } from "../../attestation/verify.ts";
import { UncountedPredicateError } from "../../attestation/verification.ts";
import { AttestationError } from "../../errors.ts";
import type { TrustedRoot } from "../../trust/trusted-root.ts";
import type { AttestationAbsence, AttestationEvidence } from "../../verdict/evidence.ts";
import { isFindingId } from "../../verdict/finding-catalog.ts";
import type { AttestationFile, AttestationSource, SourceAnswer } from "../attestation-source.ts";
import type { DistInspector } from "../inspector.ts";

export interface AttestationInspectorOptions {
  readonly sources: readonly AttestationSource[];
  /** Called once an attestation turns up, so that runs without any do not load trust material. */
  readonly trustedRoot: () => Promise<TrustedRoot>;
  /** Whether the policy has a use for attestations of this artifact; where it has none, nobody is asked. */
  readonly isWanted: (ref: ArtifactRef) => boolean;
}

/** Gathers attestations (PEP 740) from all sources, verifies each against the digest we computed, and says what it saw. */
export function attestationInspector({ sources, trustedRoot, isWanted }: AttestationInspectorOptions): DistInspector {
  return {
    name: "attestation",
    async pre_extract(artifact) {
      if (!isWanted(artifact.ref)) return [];
      const answers = await Promise.all(sources.map((source) => source.find(artifact.ref)));
      const documents = answers.flatMap((answer) => (answer.state === "found" ? answer.documents : []));
      const unavailable = answers.flatMap(unavailableEvidence);
      if (documents.length === 0) return unavailable.length > 0 ? unavailable : [{ kind: "attestation", outcome: "absent", absence: absenceOf(answers) }];
      const root = await trustedRoot();
      return [...distinct(documents).flatMap((document) => verifyDocument(document, artifact, root)), ...unavailable];
    },
  };
}

function unavailableEvidence(answer: SourceAnswer): AttestationEvidence[] {
  if (answer.state !== "unavailable") return [];
  return [{ kind: "attestation", outcome: "unavailable", source: answer.place, reason: answer.reason }];
}

/** The most that is known: an index that says "none" says more than a folder that holds nothing. */
function absenceOf(answers: readonly SourceAnswer[]): AttestationAbsence {
  const states = answers.map(({ state }) => state);
  if (states.includes("none")) return "none";
  return states.includes("refused") ? "refused" : "unknown";
}

/** The same bytes from two sources are one document. */
function distinct(documents: readonly AttestationFile[]): AttestationFile[] {
  return documents.filter(({ bytes }, at) => documents.findIndex((other) => Buffer.compare(other.bytes, bytes) === 0) === at);
}

function verifyDocument({ bytes, place }: AttestationFile, artifact: Artifact, root: TrustedRoot): AttestationEvidence[] {
  try {
    const { bundles } = parseAttestationDocument(bytes, place);
    const evidence = bundles.flatMap((bundle) => bundle.attestations.map((attestation) => verifyOne(attestation, bundle, place, artifact, root)));
    // An empty list is no attestation, never a success.
    return evidence.length > 0 ? evidence : [{ kind: "attestation", outcome: "absent", absence: "empty", source: place }];
  } catch (error) {
    return [invalid(error, place)];
  }
}

function verifyOne(attestation: Attestation, { publisher }: AttestationBundle, source: string, artifact: Artifact, root: TrustedRoot): AttestationEvidence {
  try {
    const subject = { filename: artifact.ref.filename, sha256: artifact.digests.sha256 };
    const verified = verifyAttestation(attestation, subject, root);
    if (publisher !== undefined) checkPublisherClaim(publisher, verified.signer);
    return { kind: "attestation", outcome: "verified", source, ...verified };
  } catch (error) {
    // It verifies and says something else than who published or built the file: that counts for nothing.
    if (error instanceof UncountedPredicateError) {
      return { kind: "attestation", outcome: "absent", absence: "predicate", source, detail: error.message };
    }
    return invalid(error, source);
  }
}

function invalid(error: unknown, source: string): AttestationEvidence {
  if (!(error instanceof AttestationError)) throw error;
  const id = isFindingId(error.code) ? error.code : "attestation-invalid";
  return { kind: "attestation", outcome: "invalid", source, problems: [{ id, message: `${source}: ${error.message}` }] };
}
