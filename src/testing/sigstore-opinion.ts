import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { messageOf } from "../errors.ts";
import { type AttestationObject, sigstoreBundle } from "./signing-authority/attestation.ts";

/**
 * What @sigstore/verify says about an attestation under a trusted root, as JSON: `undefined` when it verifies, else
 * its reason. It judges signatures, certificate and log, and neither statement nor publisher.
 */
export function sigstoreRefusal(attestation: AttestationObject, trustedRootJson: string): string | undefined {
  try {
    const trustMaterial = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(trustedRootJson)));
    new Verifier(trustMaterial).verify(toSignedEntity(bundleFromJSON(sigstoreBundle(attestation))));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
