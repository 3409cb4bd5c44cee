import type { Bundle } from "../attestation/bundle.ts";
import { type AttestationBundle, parseAttestationDocument } from "../attestation/provenance.ts";
import { checkPublisherClaim } from "../attestation/publisher-claim.ts";
import { readBuildProvenance } from "../attestation/slsa-provenance.ts";
import { type AttestedFile, slsaPredicateType } from "../attestation/statement.ts";
import { type Step, UncountedPredicateError } from "../attestation/verification.ts";
import { verifyAttestation } from "../attestation/verify.ts";
import { AttestationError } from "../errors.ts";
import { describeSigner } from "../trust/publisher.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { TrustedRoot } from "../trust/trusted-root.ts";
import type { SignatureCheck } from "../trust/verification-key.ts";
import type { AttestationEvidence } from "../verdict/evidence.ts";
import { isFindingId } from "../verdict/finding-catalog.ts";
import type { DocumentFile } from "./document-source.ts";
import type { SecondOpinion } from "./second-opinion.ts";

/** What attestations are checked against, whatever they are about. */
export interface VerificationContext {
  readonly trustedRoot: TrustedRoot;
  readonly now: Date;
  /** Whether each check that was passed is written down (`--explain`). */
  readonly explain: boolean;
  /** Has to agree as well (`--second-opinion`). */
  readonly secondOpinion?: SecondOpinion | undefined;
  /** Looks at the signatures; here and now when left out. */
  readonly isSignedBy?: SignatureCheck;
}

/** What was found for one file. */
export interface FoundDocuments {
  readonly documents: readonly DocumentFile[];
  readonly file: AttestedFile;
}

/**
 * Verifies every attestation in the documents and says what was seen. One attestation in two documents is one: who
 * signed is counted once, however often the signature turns up. The same bytes, file and context give the same evidence.
 */
export function verifyDocuments(
  { documents, file }: FoundDocuments,
  context: VerificationContext,
): AttestationEvidence[] {
  const counted = new Set<string>();
  const seen = documents.flatMap((document) => verifyDocument(document, file, context));
  return seen.flatMap(({ evidence, signature }) => {
    if (signature === undefined) return [evidence];
    if (counted.has(signature)) return [];
    counted.add(signature);
    return [evidence];
  });
}

/** `signature` is there when the attestation was verified. */
interface Seen {
  readonly evidence: AttestationEvidence;
  readonly signature?: string;
}

function verifyDocument({ bytes, place }: DocumentFile, file: AttestedFile, context: VerificationContext): Seen[] {
  try {
    const { format, bundles } = parseAttestationDocument(bytes, place);
    const found = bundles.flatMap((bundle) => bundle.attestations.map((attestation) => ({ attestation, bundle })));
    // An empty list is no attestation, never a success.
    if (found.length === 0)
      return [{ evidence: { kind: "attestation", outcome: "absent", absence: "empty", source: place } }];
    return found.map(({ attestation, bundle }): Seen => {
      const evidence = verifyOne(attestation, bundle, { place, format, file }, context);
      if (evidence.outcome !== "verified") return { evidence };
      return { evidence, signature: attestation.content.signature.toString("base64") };
    });
  } catch (error) {
    return [{ evidence: invalid(error, place) }];
  }
}

function verifyOne(
  attestation: Bundle,
  { publisher }: AttestationBundle,
  { place, format, file }: { readonly place: string; readonly format: string; readonly file: AttestedFile },
  { trustedRoot, now, explain, secondOpinion, ...check }: VerificationContext,
): AttestationEvidence {
  const steps: Step[] | undefined = explain ? [] : undefined;
  try {
    const verified = verifyAttestation(attestation, file, trustedRoot, { now, steps, ...check });
    const { signer, predicateType, predicate, signedAt, logIndex } = verified;
    if (publisher !== undefined) checkPublisherClaim(publisher, signer);
    const objection = secondOpinion?.(attestation, signer);
    if (objection !== undefined) return disagreement(objection, signer, place);
    const claims = {
      signer,
      predicateType,
      signedAt,
      ...(logIndex !== undefined && { logIndex }),
      ...(predicateType === slsaPredicateType && { build: readBuildProvenance(predicate) }),
    };
    return { kind: "attestation", outcome: "verified", source: place, format, ...claims, ...(steps && { steps }) };
  } catch (error) {
    // It verifies and says something else than who published or built the file: that counts for nothing.
    if (error instanceof UncountedPredicateError) {
      return {
        kind: "attestation",
        outcome: "absent",
        absence: "predicate",
        source: place,
        detail: error.predicateType,
      };
    }
    return invalid(error, place, steps);
  }
}

/** Two verifiers that share no code and do not agree: one of them is wrong, and nobody knows which. */
function disagreement(objection: string, signer: AttestedSigner, source: string): AttestationEvidence {
  const message = `${source}: tspip accepts it as made by ${describeSigner(signer)}, @sigstore/verify does not: ${objection}`;
  return { kind: "attestation", outcome: "invalid", source, problems: [{ id: "second-opinion-disagrees", message }] };
}

function invalid(error: unknown, source: string, steps?: readonly Step[]): AttestationEvidence {
  if (!(error instanceof AttestationError)) throw error;
  const id = isFindingId(error.code) ? error.code : "attestation-invalid";
  // Documents that cannot be read name their source already.
  const message = error.message.includes(source) ? error.message : `${source}: ${error.message}`;
  return { kind: "attestation", outcome: "invalid", source, problems: [{ id, message }], ...(steps && { steps }) };
}
