import { type DerElement, DerReader, enterDer, readDer, tag } from "../encoding/der.ts";
import { boolean, checkInteger, objectIdentifier, smallInteger, time, wholeBytes } from "../encoding/der-values.ts";
import { type HashName, importKey, isSignedBy, type SignatureCheck, type VerificationKey } from "./verification-key.ts";

/** An X.509 certificate (RFC 5280) as far as Sigstore needs it. Buffers are views into `der`. */
export interface Certificate {
  readonly der: Buffer;
  /** What the issuer signed. */
  readonly tbs: Buffer;
  /** Content of the serial number's INTEGER. */
  readonly serialNumber: Buffer;
  /** DER names, compared byte by byte: Sigstore's authorities copy theirs into what they issue. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Milliseconds since 1970; both ends are inside. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: VerificationKey;
  /** By dotted object identifier, in the order of the certificate. */
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly signatureHash: HashName | undefined;
  readonly signature: Buffer;
}

export interface Extension {
  readonly critical: boolean;
  /** Content of the extension's OCTET STRING. */
  readonly value: Buffer;
}

export const extensionId = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAlternativeName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const;

/** The hashes of signature algorithms by identifier; `undefined` is Ed25519, which hashes on its own (RFC 8410). */
export const signatureHashes: ReadonlyMap<string, HashName | undefined> = new Map([
  ["1.2.840.10045.4.3.2", "sha256"],
  ["1.2.840.10045.4.3.3", "sha384"],
  ["1.2.840.10045.4.3.4", "sha512"],
  ["1.2.840.113549.1.1.11", "sha256"],
  ["1.2.840.113549.1.1.12", "sha384"],
  ["1.2.840.113549.1.1.13", "sha512"],
  ["1.3.101.112", undefined],
]);

/** Fulcio writes about twenty-five. */
const maxExtensions = 64;

/** @throws Error for bytes that are no certificate of version 3 in DER, or one with a key or algorithm we do not know */
export function parseCertificate(der: Buffer): Certificate {
  // RFC 5280, section 4.1: Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }
  const outer = enterDer(der, tag.sequence);
  const tbsElement = outer.next(tag.sequence);
  const outerAlgorithm = outer.next(tag.sequence);
  const signature = wholeBytes(outer.next(tag.bitString));
  outer.end();

  const tbs = new DerReader(tbsElement.content);
  const version = tbs.enter(0xa0);
  if (smallInteger(version.next(tag.integer)) !== 2) throw new Error("Certificate is not of version 3");
  version.end();
  const serialNumber = tbs.next(tag.integer);
  checkInteger(serialNumber);
  const innerAlgorithm = tbs.next(tag.sequence);
  // RFC 5280, section 4.1.1.2: the unsigned name of the algorithm is that of the signed one.
  if (!innerAlgorithm.bytes.equals(outerAlgorithm.bytes)) throw new Error("Certificate names two signature algorithms");
  const issuer = tbs.next(tag.sequence).bytes;
  const validity = tbs.enter(tag.sequence);
  const notBefore = time(validity.next());
  const notAfter = time(validity.next());
  validity.end();
  const subject = tbs.next(tag.sequence).bytes;
  const key = importKey(tbs.next(tag.sequence).bytes);
  const extensions = readExtensions(tbs.enter(0xa3));
  tbs.end();

  return {
    der,
    tbs: tbsElement.bytes,
    serialNumber: serialNumber.content,
    issuer,
    subject,
    notBefore,
    notAfter,
    key,
    extensions,
    signatureHash: readSignatureHash(outerAlgorithm),
    signature,
  };
}

function readSignatureHash({ content }: DerElement): HashName | undefined {
  const id = objectIdentifier(new DerReader(content).next(tag.objectIdentifier));
  if (!signatureHashes.has(id)) throw new Error(`Certificate is signed with the unknown algorithm ${id}`);
  return signatureHashes.get(id);
}

function readExtensions(explicit: DerReader): ReadonlyMap<string, Extension> {
  const list = explicit.enter(tag.sequence);
  explicit.end();
  const extensions = new Map<string, Extension>();
  while (!list.isAtEnd) {
    const extension = list.enter(tag.sequence);
    const id = objectIdentifier(extension.next(tag.objectIdentifier));
    const critical = extension.optional(tag.boolean);
    const value = extension.next(tag.octetString).content;
    extension.end();
    // RFC 5280, section 4.2: not more than one of a kind.
    if (extensions.has(id)) throw new Error(`Certificate has the extension ${id} twice`);
    if (extensions.size === maxExtensions) throw new Error(`Certificate has more than ${maxExtensions} extensions`);
    extensions.set(id, { critical: critical !== undefined && boolean(critical), value });
  }
  return extensions;
}

/** Whether `issuer` signed `certificate`, by name and by key. Says nothing about time, or what the issuer may do. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate, check: SignatureCheck = isSignedBy): boolean {
  return (
    certificate.issuer.equals(issuer.subject) &&
    check(issuer.key, certificate.tbs, certificate.signature, certificate.signatureHash)
  );
}

export function isValidAt({ notBefore, notAfter }: Certificate, moment: number): boolean {
  return notBefore <= moment && moment <= notAfter;
}

export interface BasicConstraints {
  readonly isAuthority: boolean;
  /** How many more authorities may stand between this one and the end of the chain. */
  readonly pathLength?: number;
}

/** RFC 5280, section 4.2.1.9. */
export function basicConstraints({ extensions }: Certificate): BasicConstraints {
  const extension = extensions.get(extensionId.basicConstraints);
  if (extension === undefined) return { isAuthority: false };
  const fields = enterDer(extension.value, tag.sequence);
  const authority = fields.optional(tag.boolean);
  const pathLength = fields.optional(tag.integer);
  fields.end();
  return {
    isAuthority: authority !== undefined && boolean(authority),
    ...(pathLength && { pathLength: smallInteger(pathLength) }),
  };
}

const understood: ReadonlySet<string> = new Set(Object.values(extensionId));

/** RFC 5280, section 4.2: a certificate with a critical extension that we do not understand must be refused. */
export function unknownCriticalExtension({ extensions }: Certificate): string | undefined {
  for (const [id, { critical }] of extensions) if (critical && !understood.has(id)) return id;
  return undefined;
}

export type KeyUsage = "digitalSignature" | "keyCertSign";

/** RFC 5280, section 4.2.1.3: the position in the bit string. */
const keyUsageBits: Record<KeyUsage, number> = { digitalSignature: 0, keyCertSign: 5 };

/** Whether the key may be used for `usage`. Without the extension it may not. */
export function hasKeyUsage({ extensions }: Certificate, usage: KeyUsage): boolean {
  const extension = extensions.get(extensionId.keyUsage);
  if (extension === undefined) return false;
  // Content of a bit string: the number of unused bits, then the bits from the highest down.
  const bits = readDer(extension.value, tag.bitString).content[1] ?? 0;
  return (bits & (0x80 >> keyUsageBits[usage])) !== 0;
}

/** The identifiers of RFC 5280, section 4.2.1.12; `undefined` when the extension is not there. */
export function extendedKeyUsage({ extensions }: Certificate): readonly string[] | undefined {
  const extension = extensions.get(extensionId.extendedKeyUsage);
  if (extension === undefined) return undefined;
  const list = enterDer(extension.value, tag.sequence);
  const purposes: string[] = [];
  while (!list.isAtEnd) purposes.push(objectIdentifier(list.next(tag.objectIdentifier)));
  return purposes;
}
