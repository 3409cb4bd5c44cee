import { payloadType } from "./statement.ts";
import type { TransparencyEntry } from "./transparency-log.ts";

/** A PEP 740 attestation object, version 1. */
export interface AttestationObject {
  readonly version: number;
  readonly verification_material: {
    /** DER, base64. */
    readonly certificate: string;
    readonly transparency_entries: readonly TransparencyEntry[];
    /** RFC 3161 responses, DER, base64. Only with entries of Rekor v2; PEP 740 does not define them yet. */
    readonly timestamps?: readonly string[];
  };
  /** Both base64. */
  readonly envelope: { readonly statement: string; readonly signature: string };
}

/** An attestation as a Sigstore bundle v0.3, whose JSON it is. */
export function sigstoreBundle({ verification_material, envelope }: AttestationObject): object {
  const { certificate, transparency_entries, timestamps = [] } = verification_material;
  const rfc3161Timestamps = timestamps.map((signedTimestamp) => ({ signedTimestamp }));
  return {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: {
      certificate: { rawBytes: certificate },
      tlogEntries: transparency_entries,
      ...(rfc3161Timestamps.length > 0 && { timestampVerificationData: { rfc3161Timestamps } }),
    },
    dsseEnvelope: { payload: envelope.statement, payloadType, signatures: [{ sig: envelope.signature, keyid: "" }] },
  };
}

/** A PEP 740 provenance object, version 1. */
export interface ProvenanceObject {
  readonly version: number;
  readonly attestation_bundles: readonly AttestationBundle[];
}

export interface AttestationBundle {
  readonly publisher: Readonly<Record<string, unknown>>;
  readonly attestations: readonly AttestationObject[];
}
