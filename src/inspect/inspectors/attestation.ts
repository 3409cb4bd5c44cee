import type { ArtifactRef } from "../../distribution/artifact.ts";
import type { TrustedRoot } from "../../trust/trusted-root.ts";
import type { AttestationAbsence, AttestationEvidence } from "../../verdict/evidence.ts";
import type { DocumentFile, DocumentSource, SourceAnswer } from "../document-source.ts";
import type { EvidenceMemory } from "../evidence-memory.ts";
import type { DistInspector } from "../inspector.ts";
import type { SecondOpinion } from "../second-opinion.ts";
import type { Verifier } from "../verifier.ts";

export interface AttestationInspectorOptions {
  /** All are asked, and what they have is combined. */
  readonly sources: readonly DocumentSource[];
  /** Called once an attestation turns up, so that runs without any do not load trust material. */
  readonly trustedRoot: () => Promise<TrustedRoot>;
  /** Whether the policy has a use for attestations of this artifact; where it has none, nobody is asked. */
  readonly isWanted: (ref: ArtifactRef) => boolean;
  /** What earlier runs found in the same sources; only where digests are judged. */
  readonly memory?: EvidenceMemory | undefined;
  readonly now: Date;
  /** Whether documents are kept for `vouching`; a thousand take 8 MB. */
  readonly keepDocuments: boolean;
  /** Whether each check that was passed is written down (`--explain`). */
  readonly explain: boolean;
  /** Loads the verifier that has to agree as well (`--second-opinion`); absent when none is asked. */
  readonly secondOpinion?: (() => Promise<SecondOpinion>) | undefined;
}

/** Gathers attestations (PEP 740) and verifies each against the digest that we computed. */
export interface AttestationInspector extends DistInspector {
  /** The documents that were found for an artifact and hold an attestation that verified; none unless they are kept. */
  vouching(ref: ArtifactRef): readonly DocumentFile[];
}

export function attestationInspector(options: AttestationInspectorOptions): AttestationInspector {
  const { sources, trustedRoot, isWanted, now, explain, secondOpinion, memory, keepDocuments } = options;
  const vouching = new Map<ArtifactRef, readonly DocumentFile[]>();
  let verifier: Promise<Verifier> | undefined;
  return {
    name: "attestation",
    vouching: (ref) => vouching.get(ref) ?? [],
    pre_extract: async ({ ref, digests }) => (isWanted(ref) ? gather(ref, digests.sha256) : []),
    by_digest: async (ref, sha256) => (isWanted(ref) ? recallOrGather(ref, sha256) : []),
  };

  /** Once the first attestation turns up: most files have none. */
  async function openVerifier(): Promise<Verifier> {
    const context = { trustedRoot: await trustedRoot(), now, explain, secondOpinion: await secondOpinion?.() };
    // Where all is remembered, nothing is verified, and what verifies takes its time to load.
    const { createVerifier } = await import("../verifier.ts");
    return createVerifier(context);
  }

  async function recallOrGather(ref: ArtifactRef, sha256: string): Promise<readonly AttestationEvidence[]> {
    // Who asks for details or for another verifier wants them looked at now.
    if (memory === undefined || explain || secondOpinion !== undefined) return gather(ref, sha256);
    const known = await memory.recall(ref, sha256);
    if (known !== undefined) return known;
    const evidence = await gather(ref, sha256);
    await memory.remember(ref, sha256, evidence);
    return evidence;
  }

  async function gather(ref: ArtifactRef, sha256: string): Promise<readonly AttestationEvidence[]> {
    const answers = await Promise.all(sources.map((source) => source.find(ref, sha256)));
    const documents = answers.flatMap((answer) => (answer.state === "found" ? answer.documents : []));
    const unavailable = answers.flatMap(unavailableEvidence);
    if (documents.length + unavailable.length === 0) {
      return [{ kind: "attestation", outcome: "absent", ...absenceIn(answers) }];
    }
    if (documents.length === 0) return unavailable;
    const file = { filename: ref.filename, sha256 };
    verifier ??= openVerifier();
    const evidence = await (await verifier)({ documents, file });
    if (keepDocuments) vouching.set(ref, verifying(documents, evidence));
    return [...evidence, ...unavailable];
  }
}

/** The documents that hold an attestation that verified. */
function verifying(
  documents: readonly DocumentFile[],
  evidence: readonly AttestationEvidence[],
): readonly DocumentFile[] {
  const verified = new Set(evidence.flatMap((seen) => (seen.outcome === "verified" ? seen.source : [])));
  return documents.filter(({ place }) => verified.has(place));
}

function unavailableEvidence(answer: SourceAnswer): AttestationEvidence[] {
  if (answer.state !== "unavailable") return [];
  return [{ kind: "attestation", outcome: "unavailable", source: answer.place, reason: answer.reason }];
}

/** The most that is known: an index that says "none" says more than a folder that holds nothing. */
function absenceIn(answers: readonly SourceAnswer[]): {
  readonly absence: AttestationAbsence;
  readonly source?: string;
} {
  const states = answers.map(({ state }) => state);
  if (states.includes("none")) return { absence: "none" };
  const refusing = answers.flatMap((answer) => (answer.state === "refused" ? [answer.place] : []));
  if (refusing.length === 0) return { absence: "unknown" };
  // The index needs no name; another server has to be named.
  const source = refusing.includes(undefined) ? undefined : refusing[0];
  return { absence: "refused", ...(source !== undefined && { source }) };
}
