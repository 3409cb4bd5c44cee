import type { Flaw } from "../flaw.ts";
import type { LogInstance, ValidFor } from "../trusted-root.ts";

/** A trusted root under which a good attestation does not count. */
export const trustedRootFlaws = {
  "log-retired": {
    because: "the log's key was retired before the entry was made (trusted root: validFor)",
    finding: "attestation-invalid",
    check: "signed-entry-timestamp",
    sigstore: "inclusion promise could not be verified",
    trustedRoot: (root) => ({ ...root, tlogs: root.tlogs.map((log) => validFor(log, retired)) }),
  },
  "certificate-log-retired": {
    because: "the certificate log's key was retired before the certificate was issued (trusted root: validFor)",
    finding: "attestation-invalid",
    check: "certificate-timestamp",
    sigstore: "SCT verification failed",
    trustedRoot: (root) => ({ ...root, ctlogs: root.ctlogs.map((log) => validFor(log, retired)) }),
  },
  "timestamp-authority-retired": {
    because: "the timestamp authority was retired before it stamped (trusted root: validFor)",
    finding: "attestation-invalid",
    check: "timestamp",
    sigstore: "timestamp could not be verified",
    log: "rekor-v2",
    trustedRoot: (root) => ({
      ...root,
      timestampAuthorities: root.timestampAuthorities.map((authority) => ({ ...authority, validFor: retired })),
    }),
  },
  "authority-retired": {
    because: "the certificate authority was retired before the signature was made (trusted root: validFor)",
    finding: "attestation-invalid",
    check: "certificate-chain",
    sigstore: "Failed to verify certificate chain",
    trustedRoot: (root) => ({
      ...root,
      certificateAuthorities: root.certificateAuthorities.map((authority) => ({
        ...authority,
        validFor: retired,
      })),
    }),
  },
} as const satisfies Record<string, Flaw>;

/** It ended long before anything here was signed. */
const retired: ValidFor = { start: "2021-01-01T00:00:00Z", end: "2022-01-01T00:00:00Z" };

function validFor(log: LogInstance, window: ValidFor): LogInstance {
  return { ...log, publicKey: { ...log.publicKey, validFor: window } };
}
