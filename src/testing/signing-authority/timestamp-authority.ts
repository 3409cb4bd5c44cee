import {
  authorityConstraints,
  type CertificateTemplate,
  distinguishedName,
  extendedKeyUsage,
  keyUsage,
  serialNumberOf,
  signed,
  toBeSigned,
} from "./certificate.ts";
import {
  derGeneralizedTime,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSet,
  derTagged,
} from "./der.ts";
import { generateKey, generateKeys, type KeyHolder, publicKeyDer, sha256, signBytes } from "./keys.ts";

/** A timestamp authority (RFC 3161). */
export interface TimestampAuthority {
  /** The authority's own certificate, then its root; DER. */
  readonly chain: readonly Buffer[];
  /** A TimeStampResp, DER. */
  timestamp(request: TimestampRequest): Buffer;
}

export interface TimestampRequest {
  readonly data: Uint8Array;
  readonly time: Date;
  readonly signedBy: KeyHolder;
}

const names = { root: "tspip-test-tsa-root", authority: "tspip-test-tsa" };

export function createTimestampAuthority(validity: { notBefore: Date; notAfter: Date }): TimestampAuthority {
  const rootKey = generateKey("P-384");
  const keys = generateKeys("P-256");
  const root: CertificateTemplate = {
    ...validity,
    subject: names.root,
    issuer: names.root,
    publicKey: publicKeyDer(rootKey),
    issuerPublicKey: publicKeyDer(rootKey),
    extensions: [keyUsage("certificateAuthority"), authorityConstraints()],
  };
  const leaf: CertificateTemplate = {
    ...root,
    subject: names.authority,
    publicKey: publicKeyDer(keys.authority),
    extensions: [keyUsage("digitalSignature"), extendedKeyUsage("timeStamping")],
  };
  const certificate = signed(toBeSigned(leaf), rootKey);
  return {
    chain: [certificate, signed(toBeSigned(root), rootKey)],
    timestamp({ data, time, signedBy }) {
      const info = timestampInfo(data, time);
      const attributes = signedAttributes(info, certificate);
      const signature = signBytes(keys[signedBy], derSet(...attributes));
      return response(info, signerInfo(leaf, attributes, signature), certificate);
    },
  };
}

const sha256Algorithm = derSequence(derObjectIdentifier("2.16.840.1.101.3.4.2.1"));
const ecdsaWithSha256 = derSequence(derObjectIdentifier("1.2.840.10045.4.3.2"));
const signedDataType = derObjectIdentifier("1.2.840.113549.1.7.2");
const timestampInfoType = derObjectIdentifier("1.2.840.113549.1.9.16.1.4");
const one = derInteger(Buffer.of(1));

/** TSTInfo (RFC 3161, 2.4.2). */
function timestampInfo(data: Uint8Array, time: Date): Buffer {
  const policy = derObjectIdentifier("1.3.6.1.4.1.57264.2");
  const imprint = derSequence(sha256Algorithm, derOctetString(sha256(data)));
  return derSequence(one, policy, imprint, derInteger(sha256(data).subarray(0, 16)), derGeneralizedTime(time));
}

/** RFC 5652, 5.3, and RFC 5816 for the certificate; a SET's elements are sorted by their encoding. */
function signedAttributes(info: Buffer, certificate: Buffer): Buffer[] {
  const attribute = (oid: string, value: Buffer) => derSequence(derObjectIdentifier(oid), derSet(value));
  return [
    attribute("1.2.840.113549.1.9.3", timestampInfoType),
    attribute("1.2.840.113549.1.9.4", derOctetString(sha256(info))),
    attribute("1.2.840.113549.1.9.16.2.47", derSequence(derSequence(derSequence(derOctetString(sha256(certificate)))))),
  ].sort(Buffer.compare);
}

/** SignerInfo (RFC 5652, 5.3). */
function signerInfo(leaf: CertificateTemplate, attributes: readonly Buffer[], signature: Buffer): Buffer {
  const identifier = derSequence(distinguishedName(leaf.issuer), serialNumberOf(leaf));
  return derSequence(
    one,
    identifier,
    sha256Algorithm,
    derTagged(0, "constructed", Buffer.concat(attributes)),
    ecdsaWithSha256,
    derOctetString(signature),
  );
}

/** TimeStampResp with status "granted" around a ContentInfo of SignedData (RFC 3161, 2.4.2; RFC 5652, 5.1). */
function response(info: Buffer, signer: Buffer, certificate: Buffer): Buffer {
  const granted = derSequence(derInteger(Buffer.of(0)));
  const signedData = derSequence(
    derInteger(Buffer.of(3)),
    derSet(sha256Algorithm),
    derSequence(timestampInfoType, derTagged(0, "constructed", derOctetString(info))),
    derTagged(0, "constructed", certificate),
    derSet(signer),
  );
  return derSequence(granted, derSequence(signedDataType, derTagged(0, "constructed", signedData)));
}
