import { isAscii, isUtf8 } from "node:buffer";
import { type DerElement, DerReader, enterDer, readDer, tag } from "../encoding/der.ts";
import { objectIdentifier } from "../encoding/der-values.ts";
import { type Certificate, extensionId } from "../trust/certificate.ts";
import { signerKind } from "../trust/publisher.ts";
import type { AttestedSigner, CertificateClaims } from "../trust/signer.ts";
import { VerificationError } from "./verification.ts";

/** Sigstore's private arc (sigstore/fulcio, docs/oid-info.md). */
const fulcio = "1.3.6.1.4.1.57264.1";

/** What is at .8 and above is a DER UTF8String. */
const claimArcs = {
  buildSignerUri: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepositoryUri: 12,
  sourceRepositoryDigest: 13,
  sourceRepositoryRef: 14,
  sourceRepositoryId: 15,
  sourceRepositoryOwnerUri: 16,
  sourceRepositoryOwnerId: 17,
  buildConfigUri: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  runInvocationUri: 21,
  sourceRepositoryVisibility: 22,
  deploymentEnvironment: 23,
} as const satisfies Partial<Record<keyof CertificateClaims, number>>;

/**
 * Who a certificate was issued to. The certificate is one that chains to a trusted authority, so that this is Fulcio's
 * word.
 * @throws VerificationError when it names nobody, or more than one
 */
export function readSigner(certificate: Certificate): AttestedSigner {
  const optional: Record<string, string> = {};
  for (const [name, arc] of Object.entries(claimArcs)) {
    const value = utf8Claim(certificate, arc);
    if (value !== undefined) optional[name] = value;
  }
  const claims: CertificateClaims = { issuer: readIssuer(certificate), san: readName(certificate), ...optional };
  return { kind: signerKind(claims), claims };
}

/** .8, and .1 in certificates of before it. Where both are there, they have to agree. */
function readIssuer(certificate: Certificate): string {
  const old = certificate.extensions.get(`${fulcio}.1`)?.value;
  const oldIssuer = old === undefined ? undefined : decodeUtf8(old);
  const issuer = utf8Claim(certificate, 8) ?? oldIssuer;
  if (issuer === undefined) throw new VerificationError("certificate", "Certificate names no OIDC issuer");
  if (oldIssuer !== undefined && oldIssuer !== issuer) {
    throw new VerificationError("certificate", `Certificate names two OIDC issuers: "${issuer}" and "${oldIssuer}"`);
  }
  return issuer;
}

function utf8Claim({ extensions }: Certificate, arc: number): string | undefined {
  const extension = extensions.get(`${fulcio}.${arc}`);
  return extension && decodeUtf8(readDer(extension.value, tag.utf8String).content);
}

/** RFC 5280, section 4.2.1.6: the choices of a GeneralName. */
const generalName = { otherName: 0xa0, email: 0x81, uri: 0x86 } as const;

function readName({ extensions }: Certificate): CertificateClaims["san"] {
  const extension = extensions.get(extensionId.subjectAlternativeName);
  if (extension === undefined)
    throw new VerificationError("certificate", "Certificate has no subject alternative name");
  const names = enterDer(extension.value, tag.sequence);
  const name = names.next();
  // With two names, a policy could match one while the signer meant the other.
  if (!names.isAtEnd)
    throw new VerificationError("certificate", "Certificate has more than one subject alternative name");
  switch (name.tag) {
    case generalName.uri:
      return { type: "uri", value: decodeAscii(name.content) };
    case generalName.email:
      return { type: "email", value: decodeAscii(name.content) };
    case generalName.otherName:
      return { type: "other", value: readOtherName(name) };
    default:
      throw new VerificationError("certificate", "Certificate's subject alternative name is of an unknown kind");
  }
}

/** docs/oid-info.md, .7: a user name is an OtherName that holds a UTF8String. */
function readOtherName({ content }: DerElement): string {
  const fields = new DerReader(content);
  const id = objectIdentifier(fields.next(tag.objectIdentifier));
  if (id !== `${fulcio}.7`) {
    throw new VerificationError("certificate", `Certificate's subject alternative name is of the unknown kind ${id}`);
  }
  const value = fields.enter(0xa0);
  fields.end();
  const text = decodeUtf8(value.next(tag.utf8String).content);
  value.end();
  return text;
}

function decodeUtf8(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : notText();
}

/** URIs and e-mail addresses are IA5Strings. */
function decodeAscii(bytes: Buffer): string {
  return isAscii(bytes) ? bytes.toString("latin1") : notText();
}

function notText(): never {
  throw new VerificationError("certificate", "Certificate has a name that is not in its encoding");
}
