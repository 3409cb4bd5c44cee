import type { CertificateRequest } from "../certificate-authority.ts";
import type { Flaw } from "../flaw.ts";

/** A certificate that the authority should not have issued, or did not. */
export const certificateFlaws = {
  "cert-expired": {
    because: "the signed time is an hour after the certificate's last second (RFC 5280, 4.1.2.5)",
    finding: "attestation-invalid",
    check: "certificate-chain",
    sigstore: "Failed to verify certificate chain",
    certificate: (request) => shifted(request, -2),
  },
  "cert-not-yet-valid": {
    because: "the signed time is before the certificate's first second (RFC 5280, 4.1.2.5)",
    finding: "attestation-invalid",
    check: "certificate-chain",
    sigstore: "Failed to verify certificate chain",
    certificate: (request) => shifted(request, 2),
  },
  "cert-by-stranger": {
    because: "the certificate names our authority as its issuer, and somebody else signed it (RFC 5280, 6.1)",
    finding: "attestation-invalid",
    check: "certificate-chain",
    sigstore: "Failed to verify certificate chain",
    certificate: (request) => ({ ...request, issuedBy: "stranger" }),
  },
  "eku-missing": {
    because: "the certificate is not made for code signing (Fulcio, certificate specification: extended key usage)",
    finding: "attestation-invalid",
    check: "certificate",
    certificate: (request) => ({ ...request, forCodeSigning: false }),
  },
  "key-usage-missing": {
    because: "the certificate's key is not made for digital signatures (RFC 5280, 4.2.1.3)",
    finding: "attestation-invalid",
    check: "certificate",
    certificate: (request) => ({ ...request, keyUsage: "keyAgreement" }),
  },
  "cert-is-authority": {
    because: "the signing certificate is itself an authority's (Fulcio, certificate specification: basic constraints)",
    finding: "attestation-invalid",
    check: "certificate",
    certificate: (request) => ({ ...request, isAuthority: true }),
  },
  "two-names": {
    because: "the certificate has two subject alternative names (Fulcio, certificate specification: exactly one)",
    finding: "attestation-invalid",
    check: "certificate",
    certificate: (request) => ({
      ...request,
      subjectAlternativeNames: [...request.subjectAlternativeNames, { type: "email", value: "mallory@example.test" }],
    }),
  },
  "sct-missing": {
    because: "no certificate log has seen the certificate (RFC 6962: no signed certificate timestamp)",
    finding: "attestation-invalid",
    check: "certificate-timestamp",
    sigstore: "expected 1 SCTs, got 0",
    certificate: (request) => ({ ...request, timestampedBy: [] }),
  },
  "sct-by-stranger": {
    because: "the signed certificate timestamp is by a key that is not the log's (RFC 6962, 3.2)",
    finding: "attestation-invalid",
    check: "certificate-timestamp",
    sigstore: "SCT verification failed",
    certificate: (request) => ({ ...request, timestampedBy: ["stranger"] }),
  },
  "sct-beyond-time": {
    because: "the signed certificate timestamp is of a moment that no date reaches (RFC 6962, 3.2: milliseconds)",
    finding: "attestation-invalid",
    check: "certificate-timestamp",
    sigstore: "SCT verification failed",
    certificate: (request) => ({ ...request, timestampedAt: 2n ** 63n }),
  },
  "wrong-issuer": {
    because: "the certificate names another OIDC issuer than GitHub's, so its GitHub names mean nothing",
    finding: "publisher-mismatch",
    certificate: (request) => ({
      ...request,
      extensions: new Map([
        ...request.extensions,
        [1, "https://issuer.example.test"],
        [8, "https://issuer.example.test"],
      ]),
    }),
  },
} as const satisfies Record<string, Flaw>;

function shifted(request: CertificateRequest, hours: number): CertificateRequest {
  const shift = (time: Date) => new Date(time.getTime() + hours * 3_600_000);
  return { ...request, notBefore: shift(request.notBefore), notAfter: shift(request.notAfter) };
}
