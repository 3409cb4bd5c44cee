import { deferSignatures } from "../trust/deferred-signatures.ts";
import type { AttestationEvidence } from "../verdict/evidence.ts";
import { type FoundDocuments, type VerificationContext, verifyDocuments } from "./verify-document.ts";

/** Verifies attestations in one context. */
export type Verifier = (found: FoundDocuments) => Promise<readonly AttestationEvidence[]>;

/**
 * Verifies as if each signature held, has OpenSSL look at them meanwhile, and takes back all that it saw if one does not: then
 * everything is verified in order. What is seen is the same either way, and most attestations are what they say.
 */
export function createVerifier(context: VerificationContext): Verifier {
  return async (found) => {
    const { isSignedBy, allHold } = deferSignatures();
    const evidence = verifyDocuments(found, { ...context, isSignedBy });
    return (await allHold()) ? evidence : verifyDocuments(found, context);
  };
}
