import { createHash } from "node:crypto";
import { DerReader, tag } from "../encoding/der.ts";
import { type Certificate, extendedKeyUsage, extensionId, hasKeyUsage, isValidAt } from "../trust/certificate.ts";
import { type CertificateAuthority, isInside, type TrustedRoot } from "../trust/trusted-root.ts";
import type { SignatureCheck } from "../trust/verification-key.ts";
import {
  timestampId as id,
  readHash,
  readTimestamp,
  type Timestamp,
  type TimestampSigner,
} from "./timestamp-response.ts";
import { iso, type TrustedTime } from "./trusted-time.ts";
import { orInvalid, type Verification, VerificationError } from "./verification.ts";

/**
 * Verifies that a timestamp authority of the trusted root has seen `signature`, and when. Certificates inside the
 * response are not looked at.
 */
export function verifyTimestamp(
  response: Buffer,
  signature: Buffer,
  { timestampAuthorities }: TrustedRoot,
  { isSignedBy, steps }: Verification,
): TrustedTime {
  return orInvalid("timestamp", "Timestamp cannot be read", () => {
    const timestamp = readTimestamp(response);
    const { moment } = timestamp;
    const imprint = createHash(timestamp.imprintHash).update(signature).digest();
    if (!imprint.equals(timestamp.imprint)) fail("Timestamp is of another signature");
    const authorities = timestampAuthorities.filter(({ chain }) => isSigner(chain[0], timestamp.signer));
    if (authorities.length === 0) fail("Timestamp is by no authority of the trusted root");
    const problems = authorities.map((authority) => problemWith(timestamp, authority, isSignedBy));
    const [authority] = authorities.filter((_, at) => problems[at] === undefined);
    if (authority === undefined) return fail(problems[0] ?? "Timestamp does not verify");
    steps?.push({ check: "timestamp", detail: `${iso(moment)} by ${authority.name}` });
    return { moment, source: `the timestamp authority ${authority.name}` };
  });
}

function isSigner(certificate: Certificate, { issuer, serialNumber }: TimestampSigner): boolean {
  return certificate.issuer.equals(issuer) && certificate.serialNumber.equals(serialNumber);
}

function problemWith(
  { info, moment, signer }: Timestamp,
  authority: CertificateAuthority,
  isSignedBy: SignatureCheck,
): string | undefined {
  const [certificate] = authority.chain;
  const when = iso(moment);
  if (!isInside(moment, authority.validFor))
    return `Timestamp authority "${authority.name}" is not trusted for ${when}`;
  if (!authority.chain.every((link) => isValidAt(link, moment))) {
    return `A certificate of the timestamp authority "${authority.name}" is not valid at ${when}`;
  }
  if (!mayTimestamp(certificate)) return `Timestamp authority "${authority.name}" has a certificate for other purposes`;
  // RFC 5652, section 5.4: what is signed are the attributes, and the content by its digest among them.
  const digest = attribute(signer, id.messageDigest).next(tag.octetString).content;
  if (!createHash(signer.digest).update(info).digest().equals(digest))
    return "Timestamp's digest is not that of its content";
  if (!namesCertificate(signer, certificate)) return "Timestamp names another certificate as its signer's";
  if (!isSignedBy(certificate.key, signer.signedAttributes, signer.signature, signer.signatureHash))
    return "Timestamp's signature does not verify";
  return undefined;
}

/** RFC 3161, section 2.3: the purpose is time stamping, nothing else, and critical. */
function mayTimestamp(certificate: Certificate): boolean {
  const purposes = extendedKeyUsage(certificate) ?? [];
  const isCritical = certificate.extensions.get(extensionId.extendedKeyUsage)?.critical === true;
  const hasUsage = !certificate.extensions.has(extensionId.keyUsage) || hasKeyUsage(certificate, "digitalSignature");
  return hasUsage && isCritical && purposes.length === 1 && purposes[0] === id.timeStamping;
}

/**
 * RFC 3161, section 2.4.2, and RFC 5816: the signer names its certificate by digest inside what it signs, so that no
 * other certificate with the same key can stand for it. The older attribute has SHA-1; the certificate is one of the
 * trusted root's in either case.
 */
function namesCertificate(signer: TimestampSigner, { der }: Certificate): boolean {
  const version = signer.attributes.has(id.signingCertificateV2) ? id.signingCertificateV2 : id.signingCertificate;
  const certificates = attribute(signer, version).enter(tag.sequence).enter(tag.sequence);
  const first = certificates.enter(tag.sequence);
  const algorithm = version === id.signingCertificateV2 ? first.optional(tag.sequence) : undefined;
  const hash = version === id.signingCertificate ? "sha1" : algorithm === undefined ? "sha256" : readHash(algorithm);
  return createHash(hash).update(der).digest().equals(first.next(tag.octetString).content);
}

/** The one value of a signed attribute. */
function attribute({ attributes }: TimestampSigner, type: string): DerReader {
  const values = attributes.get(type) ?? fail(`Timestamp has no signed attribute ${type}`);
  const value = new DerReader(values);
  const only = value.next();
  value.end();
  return new DerReader(only.bytes);
}

function fail(problem: string): never {
  throw new VerificationError("timestamp", problem);
}
