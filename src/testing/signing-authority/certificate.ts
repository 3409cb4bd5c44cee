import { type KeyObject, sign } from "node:crypto";
import {
  derBitString,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSet,
  derTagged,
  derTime,
  derTrue,
  derUtf8String,
} from "./der.ts";
import { sha256 } from "./keys.ts";

/** What is to be certified (RFC 5280, 4.1); the signature is ECDSA P-384 with SHA-384. */
export interface CertificateTemplate {
  /** Common name; the subject is empty without one, as in Fulcio's certificates. */
  readonly subject?: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly issuerPublicKey: Buffer;
  /** Beside the two key identifiers, which every certificate gets. */
  readonly extensions: readonly Buffer[];
}

const ecdsaWithSha384 = derSequence(derObjectIdentifier("1.2.840.10045.4.3.3"));

/** The TBSCertificate (RFC 5280, 4.1.2), DER. */
export function toBeSigned(template: CertificateTemplate): Buffer {
  const extensions = [
    ...template.extensions,
    extension("2.5.29.14", derOctetString(keyIdentifier(template.publicKey))),
    extension("2.5.29.35", derSequence(derTagged(0, "primitive", keyIdentifier(template.issuerPublicKey)))),
  ];
  return derSequence(
    derTagged(0, "constructed", derInteger(Buffer.of(2))),
    serialNumberOf(template),
    ecdsaWithSha384,
    distinguishedName(template.issuer),
    derSequence(derTime(template.notBefore), derTime(template.notAfter)),
    template.subject === undefined ? derSequence() : distinguishedName(template.subject),
    template.publicKey,
    derTagged(3, "constructed", derSequence(...extensions)),
  );
}

/** A serial number that is another for each key (RFC 5280, 4.1.2.2). */
export function serialNumberOf({ publicKey }: Pick<CertificateTemplate, "publicKey">): Buffer {
  return derInteger(sha256(publicKey).subarray(0, 16));
}

/** The certificate of a TBSCertificate, DER. */
export function signed(tbs: Buffer, issuerKey: KeyObject): Buffer {
  return derSequence(tbs, ecdsaWithSha384, derBitString(sign("sha384", tbs, issuerKey)));
}

/** One extension (RFC 5280, 4.2); `value` is what its OCTET STRING holds. */
export function extension(oid: string, value: Buffer, { critical = false } = {}): Buffer {
  return derSequence(derObjectIdentifier(oid), ...(critical ? [derTrue] : []), derOctetString(value));
}

/** Named bits, counted from the left (RFC 5280, 4.2.1.3). */
const keyUsages = {
  digitalSignature: derBitString(Buffer.of(0b1000_0000), 7),
  keyAgreement: derBitString(Buffer.of(0b0000_1000), 3),
  certificateAuthority: derBitString(Buffer.of(0b0000_0110), 1),
};
export type KeyUsage = keyof typeof keyUsages;

export function keyUsage(usage: KeyUsage): Buffer {
  return extension("2.5.29.15", keyUsages[usage], { critical: true });
}

export function extendedKeyUsage(purpose: "codeSigning" | "timeStamping"): Buffer {
  const oid = derObjectIdentifier(purpose === "codeSigning" ? "1.3.6.1.5.5.7.3.3" : "1.3.6.1.5.5.7.3.8");
  // RFC 3161, 2.3: a timestamp authority's has to be critical.
  return extension("2.5.29.37", derSequence(oid), { critical: purpose === "timeStamping" });
}

/** Basic constraints of an authority, with the number of authorities that may follow below it, if that is limited. */
export function authorityConstraints(pathLength?: number): Buffer {
  const limit = pathLength === undefined ? [] : [derInteger(Buffer.of(pathLength))];
  return extension("2.5.29.19", derSequence(derTrue, ...limit), { critical: true });
}

export interface AlternativeName {
  readonly type: "url" | "email";
  readonly value: string;
}

export function subjectAlternativeNames(names: readonly AlternativeName[]): Buffer {
  const general = names.map(({ type, value }) => derTagged(type === "email" ? 1 : 6, "primitive", Buffer.from(value)));
  return extension("2.5.29.17", derSequence(...general), { critical: true });
}

export function distinguishedName(commonName: string): Buffer {
  const attribute = (oid: string, text: string) => derSet(derSequence(derObjectIdentifier(oid), derUtf8String(text)));
  return derSequence(attribute("2.5.4.10", "tspip.test"), attribute("2.5.4.3", commonName));
}

/** Any stable digest of the key will do (RFC 5280, 4.2.1.2). */
function keyIdentifier(publicKey: Buffer): Buffer {
  return sha256(publicKey).subarray(0, 20);
}
