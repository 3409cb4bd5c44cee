import { checkDer, type DerElement, DerReader, enterDer, tag } from "../encoding/der.ts";
import { checkInteger, objectIdentifier, preciseTime, smallInteger } from "../encoding/der-values.ts";
import { signatureHashes } from "../trust/certificate.ts";
import type { HashName } from "../trust/verification-key.ts";
import { VerificationError } from "./verification.ts";

export const timestampId = {
  signedData: "1.2.840.113549.1.7.2",
  timestampInfo: "1.2.840.113549.1.9.16.1.4",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  timeStamping: "1.3.6.1.5.5.7.3.8",
} as const;

const hashNames: ReadonlyMap<string, HashName> = new Map([
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

/** Where the signature algorithm names no hash, that of the signer's digest algorithm holds; so with plain RSA, too. */
const timestampHashes: ReadonlyMap<string, HashName | undefined> = new Map([
  ...signatureHashes,
  ["1.2.840.113549.1.1.1", undefined],
]);

/** A timestamp response as it says of itself (RFC 3161, section 2.4.2; RFC 5652, section 5). */
export interface Timestamp {
  /** TSTInfo, which the signed attributes have the digest of. */
  readonly info: Buffer;
  readonly imprintHash: HashName;
  readonly imprint: Buffer;
  readonly moment: number;
  readonly signer: TimestampSigner;
}

export interface TimestampSigner {
  readonly issuer: Buffer;
  readonly serialNumber: Buffer;
  readonly digest: HashName;
  /** The signed attributes as a SET, as they were signed. */
  readonly signedAttributes: Buffer;
  readonly attributes: ReadonlyMap<string, Buffer>;
  readonly signatureHash: HashName;
  readonly signature: Buffer;
}

/**
 * Reads a response of a timestamp authority. RFC 3161, section 2.4.2: TimeStampResp ::= SEQUENCE { status, timeStampToken }
 * @throws Error when the bytes are not such a response in DER
 */
export function readTimestamp(bytes: Buffer): Timestamp {
  // What is of no use here, such as certificates, has to be sound as well: another reader might look at it.
  checkDer(bytes);
  const response = enterDer(bytes, tag.sequence);
  const status = smallInteger(response.enter(tag.sequence).next(tag.integer));
  // granted, or granted with modifications
  if (status > 1) fail(`Timestamp was not granted: status ${status}`);
  const token = response.enter(tag.sequence);
  response.end();
  expectId(token.next(tag.objectIdentifier), timestampId.signedData);
  const content = token.enter(0xa0);
  token.end();
  const signedData = content.enter(tag.sequence);
  content.end();
  return readSignedData(signedData);
}

/** RFC 5652, section 5.1. */
function readSignedData(signedData: DerReader): Timestamp {
  // RFC 3161, section 2.4.2: as the content is not plain data, the version is 3.
  if (smallInteger(signedData.next(tag.integer)) !== 3) fail("Timestamp's signed data is not of version 3");
  signedData.next(tag.set);
  const encapsulated = signedData.enter(tag.sequence);
  expectId(encapsulated.next(tag.objectIdentifier), timestampId.timestampInfo);
  const explicit = encapsulated.enter(0xa0);
  const info = explicit.next(tag.octetString).content;
  explicit.end();
  encapsulated.end();
  // Certificates and revocation lists.
  signedData.optional(0xa0);
  signedData.optional(0xa1);
  const signers = signedData.enter(tag.set);
  signedData.end();
  const signer = readSigner(signers.enter(tag.sequence));
  // RFC 3161, section 2.4.2: no signature but the authority's.
  signers.end();
  return { info, ...readInfo(info), signer };
}

/** RFC 3161, section 2.4.2: TSTInfo. */
function readInfo(bytes: Buffer): Pick<Timestamp, "imprintHash" | "imprint" | "moment"> {
  const info = enterDer(bytes, tag.sequence);
  if (smallInteger(info.next(tag.integer)) !== 1) fail("Timestamp is not of version 1");
  info.next(tag.objectIdentifier);
  const messageImprint = info.enter(tag.sequence);
  const imprintHash = readHash(messageImprint.next(tag.sequence));
  const imprint = messageImprint.next(tag.octetString).content;
  messageImprint.end();
  checkInteger(info.next(tag.integer));
  const moment = preciseTime(info.next());
  // Accuracy, ordering, nonce, authority's name, extensions: in this order, and all may be missing.
  info.optional(tag.sequence);
  info.optional(tag.boolean);
  info.optional(tag.integer);
  info.optional(0xa0);
  info.optional(0xa1);
  info.end();
  return { imprintHash, imprint, moment };
}

/** RFC 5652, section 5.3: SignerInfo, whose signer is named by issuer and serial number. */
function readSigner(signer: DerReader): TimestampSigner {
  if (smallInteger(signer.next(tag.integer)) !== 1) fail("Timestamp names its signer by no issuer and serial number");
  const identifier = signer.enter(tag.sequence);
  const issuer = identifier.next(tag.sequence).bytes;
  const serialNumber = identifier.next(tag.integer).content;
  identifier.end();
  const digest = readHash(signer.next(tag.sequence));
  const attributes = signer.next(0xa0);
  const algorithm = objectIdentifier(new DerReader(signer.next(tag.sequence).content).next(tag.objectIdentifier));
  if (!timestampHashes.has(algorithm)) fail(`Timestamp is signed with the unknown algorithm ${algorithm}`);
  const signature = signer.next(tag.octetString).content;
  signer.optional(0xa1);
  signer.end();
  return {
    issuer,
    serialNumber,
    digest,
    // RFC 5652, section 5.4: signed is the SET, of which the message holds everything but the tag.
    signedAttributes: Buffer.concat([Buffer.from([tag.set]), attributes.bytes.subarray(1)]),
    attributes: readAttributes(attributes),
    signatureHash: timestampHashes.get(algorithm) ?? digest,
    signature,
  };
}

function readAttributes({ content }: DerElement): ReadonlyMap<string, Buffer> {
  const list = new DerReader(content);
  const attributes = new Map<string, Buffer>();
  while (!list.isAtEnd) {
    const fields = list.enter(tag.sequence);
    const type = objectIdentifier(fields.next(tag.objectIdentifier));
    const values = fields.next(tag.set).content;
    fields.end();
    if (attributes.has(type)) fail(`Timestamp has the signed attribute ${type} twice`);
    attributes.set(type, values);
  }
  // RFC 5652, section 11.1: the content's type is among what is signed.
  const contentType = attributes.get(timestampId.contentType) ?? fail("Timestamp's content type is not signed");
  expectId(new DerReader(contentType).next(tag.objectIdentifier), timestampId.timestampInfo);
  return attributes;
}

export function readHash({ content }: DerElement): HashName {
  const algorithm = objectIdentifier(new DerReader(content).next(tag.objectIdentifier));
  return hashNames.get(algorithm) ?? fail(`Timestamp uses the unknown hash algorithm ${algorithm}`);
}

function expectId(element: DerElement, wanted: string): void {
  const found = objectIdentifier(element);
  if (found !== wanted) fail(`Timestamp holds ${found}, not ${wanted}`);
}

function fail(problem: string): never {
  throw new VerificationError("timestamp", problem);
}
