import { hash as digest } from "node:crypto";
import { encodeDer, enterDer, readDer, tag } from "../encoding/der.ts";
import type { Certificate } from "../trust/certificate.ts";
import { isInside, type TrustedRoot } from "../trust/trusted-root.ts";
import type { HashName } from "../trust/verification-key.ts";
import { iso, latestMoment } from "./trusted-time.ts";
import { orInvalid, type Verification, VerificationError } from "./verification.ts";

/** RFC 6962, section 3.3. */
const sctListId = "1.3.6.1.4.1.11129.2.4.2";

/** A signed certificate timestamp (RFC 6962, section 3.2). */
interface CertificateTimestamp {
  readonly logId: Buffer;
  /** Milliseconds since 1970, as the eight bytes that were signed. */
  readonly timestamp: Buffer;
  readonly extensions: Buffer;
  readonly hash: HashName;
  readonly signature: Buffer;
}

/** RFC 5246, section 7.4.1.4.1: by number. */
const hashNames: ReadonlyMap<number, HashName> = new Map([
  [4, "sha256"],
  [5, "sha384"],
  [6, "sha512"],
]);

/**
 * Verifies the promise of a certificate log to publish `certificate`. Fulcio embeds exactly one; with several, it would
 * be open how many have to hold.
 */
export function verifyCertificateTimestamp(
  certificate: Certificate,
  issuer: Certificate,
  { certificateLogs }: TrustedRoot,
  { isSignedBy, steps }: Verification,
): void {
  const sct = orInvalid("certificate-timestamp", "Certificate's SCT cannot be read", () => readSct(certificate));
  const moment = Number(sct.timestamp.readBigUInt64BE());
  if (moment > latestMoment) fail("The time of the certificate's SCT is not a time");
  const known = certificateLogs.filter(({ logId }) => logId.equals(sct.logId));
  if (known.length === 0) fail("The log that signed the certificate's SCT is not in the trusted root");
  const logs = known.filter(({ validFor }) => isInside(moment, validFor));
  if (logs.length === 0) fail("The log that signed the certificate's SCT is not trusted for its time");
  const signed = orInvalid("certificate-timestamp", "Certificate cannot be read", () =>
    signedData(sct, certificate, issuer),
  );
  const log = logs.find(({ key }) => isSignedBy(key, signed, sct.signature, sct.hash));
  const { name } = log ?? fail("The signature of the certificate's SCT does not verify");
  steps?.push({ check: "certificate-timestamp", detail: `one SCT by ${name} of ${iso(moment)}` });
}

function readSct(certificate: Certificate): CertificateTimestamp {
  // RFC 6962, section 3.3: opaque SerializedSCT<1..2^16-1>, in a list with its own length, in an OCTET STRING.
  const list = new TlsReader(readDer(sctList(certificate), tag.octetString).content);
  const items = new TlsReader(list.vector());
  list.end();
  const item = items.vector();
  if (!items.isAtEnd) fail("Certificate has more than one SCT");

  const sct = new TlsReader(item);
  if (sct.integer(1) !== 0) fail("Certificate's SCT is not of version 1");
  const logId = sct.take(32);
  const timestamp = sct.take(8);
  const ctExtensions = sct.vector();
  const hash = hashNames.get(sct.integer(1)) ?? fail("Certificate's SCT has an unknown hash algorithm");
  // The signature algorithm: isSignedBy goes by the log's key, and an SCT cannot choose another.
  sct.take(1);
  const signature = sct.vector();
  sct.end();
  return { logId, timestamp, extensions: ctExtensions, hash, signature };
}

/** The value of the extension that SCTs stand in, where it lies in the certificate. */
function sctList({ extensions }: Certificate): Buffer {
  return extensions.get(sctListId)?.value ?? fail("Certificate has no SCT");
}

/** RFC 6962, section 3.2: the digitally-signed struct of an SCT for a precertificate entry. */
function signedData(sct: CertificateTimestamp, certificate: Certificate, issuer: Certificate): Buffer {
  const tbs = precertificate(certificate);
  const head = Buffer.from([0 /* v1 */, 0 /* certificate_timestamp */]);
  const entryType = Buffer.from([0, 1 /* precert_entry */]);
  const issuerKeyHash = digest("sha256", issuer.key.spki, "buffer");
  return Buffer.concat([
    head,
    sct.timestamp,
    entryType,
    issuerKeyHash,
    length(tbs, 3),
    tbs,
    length(sct.extensions, 2),
    sct.extensions,
  ]);
}

/** The TBSCertificate as it was before the SCT was put in: without the extension, with the lengths around it adapted. */
function precertificate(certificate: Certificate): Buffer {
  const { tbs } = certificate;
  const scts = sctList(certificate);
  const fields = enterDer(tbs, tag.sequence);
  const first = fields.position;
  // RFC 5280, section 4.1: the extensions are the last field.
  while (fields.nextTag !== 0xa3) fields.next();
  const before = tbs.subarray(first, fields.position);
  const list = fields.enter(0xa3).enter(tag.sequence);
  const firstExtension = list.position;
  const end = scts.byteOffset + scts.length - tbs.byteOffset;
  let start: number;
  do {
    start = list.position;
    list.next(tag.sequence);
  } while (list.position < end);
  const others = encodeDer(tag.sequence, tbs.subarray(firstExtension, start), tbs.subarray(end));
  return encodeDer(tag.sequence, before, encodeDer(0xa3, others));
}

function length({ length: value }: Buffer, bytes: number): Buffer {
  const encoded = Buffer.alloc(bytes);
  encoded.writeUIntBE(value, 0, bytes);
  return encoded;
}

/** RFC 5246, section 4: integers from the highest byte down, vectors with two bytes of length before them. */
class TlsReader {
  private readonly bytes: Buffer;
  private position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.position === this.bytes.length;
  }

  take(count: number): Buffer {
    const start = this.goOn(count);
    return this.bytes.subarray(start, start + count);
  }

  integer(count: number): number {
    return this.bytes.readUIntBE(this.goOn(count), count);
  }

  vector(): Buffer {
    return this.take(this.integer(2));
  }

  end(): void {
    if (!this.isAtEnd) throw new Error("it has bytes left over");
  }

  /** @returns where the `count` bytes begin that are behind us now */
  private goOn(count: number): number {
    const start = this.position;
    if (start + count > this.bytes.length) throw new Error("it is cut short");
    this.position = start + count;
    return start;
  }
}

function fail(problem: string): never {
  throw new VerificationError("certificate-timestamp", problem);
}
