import type { Flaw } from "../flaw.ts";

/** A timestamp (RFC 3161) that is not there, not the authority's, or about something else. */
export const timestampFlaws = {
  "timestamp-missing": {
    because: "the log vouches for no time, and there is no timestamp: nothing says when the certificate was used",
    finding: "attestation-invalid",
    check: "timestamp",
    sigstore: "expected 1 timestamps, got 0",
    log: "rekor-v2",
    attestation: (attestation) => {
      const { timestamps: _, ...material } = attestation.verification_material;
      return { ...attestation, verification_material: material };
    },
  },
  "timestamp-by-stranger": {
    because: "the timestamp is by a key that is not the authority's (RFC 3161, 2.4.2)",
    finding: "attestation-invalid",
    check: "timestamp",
    sigstore: "timestamp could not be verified",
    log: "rekor-v2",
    timestamp: (request) => ({ ...request, signedBy: "stranger" }),
  },
  "timestamp-of-another": {
    because: "the timestamp is about another signature (RFC 3161, 2.4.2: message imprint)",
    finding: "attestation-invalid",
    check: "timestamp",
    sigstore: "timestamp could not be verified",
    log: "rekor-v2",
    timestamp: (request) => ({ ...request, data: Buffer.from("another signature") }),
  },
  "timestamp-late": {
    because: "the timestamp is an hour after the certificate's last second (RFC 5280, 4.1.2.5)",
    finding: "attestation-invalid",
    check: "certificate-chain",
    sigstore: "Failed to verify certificate chain",
    log: "rekor-v2",
    timestamp: (request) => ({ ...request, time: new Date(request.time.getTime() + 4_200_000) }),
  },
} as const satisfies Record<string, Flaw>;
