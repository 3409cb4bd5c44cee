import { derOctetString } from "./der.ts";
import { generateKeys, type KeyHolder, keyIdOf, publicKeyDer, sha256, signBytes } from "./keys.ts";

/** A log of certificates (RFC 6962), as far as a certificate shows it. */
export interface CertificateLog {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly keyId: Buffer;
  /**
   * The value of a certificate's SCT list extension (RFC 6962, 3.3), with one timestamp by each of `signers`.
   * @param time milliseconds since 1970
   */
  timestampList(preCertificate: PreCertificate, time: bigint, signers: readonly KeyHolder[]): Buffer;
}

/** What the log signs in place of a certificate that is not there yet (RFC 6962, 3.2). */
export interface PreCertificate {
  /** TBSCertificate without the SCT list, DER. */
  readonly tbs: Buffer;
  /** SubjectPublicKeyInfo of the issuer, DER. */
  readonly issuerPublicKey: Buffer;
}

export function createCertificateLog(): CertificateLog {
  const keys = generateKeys("P-256");
  const keyId = keyIdOf(keys.authority);
  return {
    publicKey: publicKeyDer(keys.authority),
    keyId,
    timestampList(preCertificate, time, signers) {
      const signed = signedPart(preCertificate, time);
      const timestamps = signers.map((signer) =>
        withLength(2, signedCertificateTimestamp(keyId, time, signBytes(keys[signer], signed))),
      );
      return derOctetString(withLength(2, Buffer.concat(timestamps)));
    },
  };
}

const v1 = Buffer.of(0);
const certificateTimestamp = Buffer.of(0);
const precertEntry = Buffer.of(0, 1);
const noExtensions = Buffer.of(0, 0);
/** TLS numbers: sha256 and ecdsa (RFC 5246, 7.4.1.4.1). */
const ecdsaWithSha256 = Buffer.of(4, 3);

/** RFC 6962, 3.2: the digitally-signed struct of an SCT. */
function signedPart({ tbs, issuerPublicKey }: PreCertificate, time: bigint): Buffer {
  const entry = [precertEntry, sha256(issuerPublicKey), withLength(3, tbs)];
  return Buffer.concat([v1, certificateTimestamp, uint64(time), ...entry, noExtensions]);
}

function signedCertificateTimestamp(keyId: Buffer, time: bigint, signature: Buffer): Buffer {
  return Buffer.concat([v1, keyId, uint64(time), noExtensions, ecdsaWithSha256, withLength(2, signature)]);
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** A TLS vector: its length in `lengthBytes` bytes, then itself. */
function withLength(lengthBytes: number, bytes: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(bytes.length, 0, lengthBytes);
  return Buffer.concat([length, bytes]);
}
