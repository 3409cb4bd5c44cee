import type { Flaw } from "../flaw.ts";

/** An attestation object that was altered after it was made. */
export const envelopeFlaws = {
  "tampered-signature": {
    because: "one bit of the DSSE signature is flipped after logging (DSSE v1)",
    finding: "attestation-invalid",
    check: "signature",
    sigstore: "tlog entry signature mismatch",
    attestation: (attestation) => ({
      ...attestation,
      envelope: { ...attestation.envelope, signature: withLastBitFlipped(attestation.envelope.signature) },
    }),
  },
  "tampered-statement": {
    because: "the statement is edited after signing (DSSE v1)",
    finding: "attestation-invalid",
    check: "signature",
    sigstore: "DSSE payload hash mismatch",
    attestation: (attestation) => ({
      ...attestation,
      envelope: { ...attestation.envelope, statement: `${attestation.envelope.statement.slice(0, -4)}IH0=` },
    }),
  },
  "another-envelope": {
    because: "the envelope is that of another attestation, under this one's certificate and log entry (DSSE v1)",
    finding: "attestation-invalid",
    check: "signature",
    sigstore: "tlog entry signature mismatch",
    attestation: (attestation, another) => ({ ...attestation, envelope: another.envelope }),
  },
  "signature-line-break": {
    because: "the signature's base64 holds a line break (RFC 4648, 3.3: no characters outside the alphabet)",
    finding: "attestation-unreadable",
    attestation: (attestation) => ({
      ...attestation,
      envelope: { ...attestation.envelope, signature: attestation.envelope.signature.replace(/^.{32}/, "$&\n") },
    }),
  },
  "attestation-version": {
    because: "the attestation object is of version 2, which PEP 740 does not define",
    finding: "attestation-unreadable",
    attestation: (attestation) => ({ ...attestation, version: 2 }),
  },
} as const satisfies Record<string, Flaw>;

/** A DER signature stays one: its last byte is the end of an integer. */
function withLastBitFlipped(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return bytes.toString("base64");
}
