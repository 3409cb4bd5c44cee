import {
  basicConstraints,
  type Certificate,
  extendedKeyUsage,
  hasKeyUsage,
  isIssuedBy,
  isValidAt,
  parseCertificate,
  unknownCriticalExtension,
} from "../trust/certificate.ts";
import { type CertificateAuthority, isInside, type TrustedRoot } from "../trust/trusted-root.ts";
import type { SignatureCheck } from "../trust/verification-key.ts";
import { iso, type TrustedTime } from "./trusted-time.ts";
import { orInvalid, type StepLog, type Verification, VerificationError } from "./verification.ts";

const codeSigning = "1.3.6.1.5.5.7.3.3";

/** Reads a bundle's certificate. Whatever is wrong with the bytes is wrong with the attestation. */
export function readCertificate(der: Buffer): Certificate {
  return orInvalid("certificate", "Certificate cannot be read", () => parseCertificate(der));
}

/** sigstore_bundle.proto: the chain in a bundle must not hold a root. None of it is used: ours is in the trusted root. */
export function checkNoRoot(chain: readonly Buffer[]): void {
  for (const der of chain) {
    const { issuer, subject } = readCertificate(der);
    if (issuer.equals(subject)) throw new VerificationError("certificate", "Bundle holds a root certificate");
  }
}

/** Sigstore's certificate profile (sigstore/fulcio, docs/certificate-specification.md): what the key may be used for. */
export function checkProfile(certificate: Certificate, steps?: StepLog): void {
  const unknown = unknownCriticalExtension(certificate);
  if (unknown !== undefined) refuse(`Certificate has the unknown critical extension ${unknown}`);
  orInvalid("certificate", "Certificate cannot be read", () => {
    if (basicConstraints(certificate).isAuthority) refuse("Certificate is one of an authority");
    if (!hasKeyUsage(certificate, "digitalSignature")) refuse("Certificate's key is not for digital signatures");
    const purposes = extendedKeyUsage(certificate);
    if (purposes === undefined) refuse("Certificate names no purpose, it needs code signing");
    if (!purposes.includes(codeSigning)) refuse(`Certificate is not for code signing but for ${purposes.join(", ")}`);
  });
  steps?.push({ check: "certificate", detail: "end entity, key usage digitalSignature, purpose code signing" });
}

function refuse(problem: string): never {
  throw new VerificationError("certificate", problem);
}

/**
 * Verifies that a trusted authority issued `certificate`, and that all of the chain was valid at each of `times`.
 * @returns the certificate that issued it
 */
export function verifyChain(
  certificate: Certificate,
  times: readonly TrustedTime[],
  { certificateAuthorities }: TrustedRoot,
  { isSignedBy, steps }: Verification,
): Certificate {
  const issuers = certificateAuthorities.flatMap((authority) => issuerIn(authority, certificate, isSignedBy) ?? []);
  if (issuers.length === 0) {
    throw new VerificationError("certificate-chain", "Certificate was issued by no authority of the trusted root");
  }
  const problems = issuers.map((issuer) => problemAt(times, certificate, issuer));
  const [issuer] = issuers.filter((_, at) => problems[at] === undefined);
  if (issuer === undefined) throw new VerificationError("certificate-chain", problems[0] ?? "Certificate has no chain");
  steps?.push({
    check: "certificate-chain",
    detail: `issued by ${issuer.authority.name}, valid from ${iso(certificate.notBefore)} to ${iso(certificate.notAfter)}`,
  });
  return issuer.certificate;
}

interface Issuer {
  readonly authority: CertificateAuthority;
  readonly certificate: Certificate;
  /** From the issuing certificate up to the anchor. */
  readonly chain: readonly Certificate[];
}

/** The links above the leaf were verified when the trusted root was read. */
function issuerIn(authority: CertificateAuthority, leaf: Certificate, check: SignatureCheck): Issuer | undefined {
  for (const [at, certificate] of authority.chain.entries()) {
    if (isIssuedBy(leaf, certificate, check)) return { authority, certificate, chain: authority.chain.slice(at) };
  }
  return undefined;
}

/** RFC 5280, section 6.1.3 (a)(2), at the time of signing instead of now; and the trusted root's own window. */
function problemAt(times: readonly TrustedTime[], leaf: Certificate, { authority, chain }: Issuer): string | undefined {
  for (const { moment, source } of times) {
    const when = `${iso(moment)}, the time of ${source}`;
    if (!isInside(moment, authority.validFor)) return `Authority "${authority.name}" is not trusted for ${when}`;
    if (!isValidAt(leaf, moment)) {
      return `Certificate is valid from ${iso(leaf.notBefore)} to ${iso(leaf.notAfter)}, not at ${when}`;
    }
    if (!chain.every((certificate) => isValidAt(certificate, moment))) {
      return `A certificate of the authority "${authority.name}" is not valid at ${when}`;
    }
  }
  return undefined;
}
