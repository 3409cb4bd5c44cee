import { deferSignatures } from "../trust/deferred-signatures.ts";
import type { AttestationEvidence } from "../verdict/evidence.ts";
import type { SecondOpinion } from "./second-opinion.ts";
import { type FoundDocuments, loadTrust, type Trust, verifyDocuments } from "./verify-document.ts";

/** Verifies attestations under trust that was loaded once. */
export type Verifier = (found: FoundDocuments) => Promise<readonly AttestationEvidence[]>;

/**
 * Verifies as if each signature held, has OpenSSL look at them meanwhile, and takes back all that it saw if one does not: then
 * everything is verified in order. What is seen is the same either way, and most attestations are what they say.
 *
 * @param secondOpinion has to agree, when it is given
 */
export function createVerifier(trust: Trust, secondOpinion?: SecondOpinion): Verifier {
  const context = { ...loadTrust(trust), secondOpinion };
  return async (found) => {
    const { isSignedBy, allHold } = deferSignatures();
    const evidence = verifyDocuments(found, { ...context, isSignedBy });
    return (await allHold()) ? evidence : verifyDocuments(found, context);
  };
}
