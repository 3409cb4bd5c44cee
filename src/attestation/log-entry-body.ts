import { decodeBase64 } from "../encoding/base64.ts";
import { parseJsonBytes } from "../encoding/json.ts";
import { JsonReader } from "../encoding/json-reader.ts";
import { messageOf, quotation } from "../errors.ts";
import type { LogEntry } from "./bundle.ts";
import { VerificationError } from "./verification.ts";

/** What a log entry says was signed, by whom, and with which signature. */
export interface LoggedSignature {
  /** What `digest` is the SHA-256 of: the signed bytes themselves, or the payload inside the signed envelope. */
  readonly digestOf: "signed-bytes" | "payload";
  readonly digest: Buffer;
  readonly signature: Buffer;
  /** DER of a certificate or of a SubjectPublicKeyInfo. */
  readonly verifier: Buffer;
}

/** Kind and version of the entries that we know, and the reader of each. */
const readers: ReadonlyMap<string, (spec: JsonReader) => LoggedSignature> = new Map([
  ["hashedrekord 0.0.1", readHashedRekord1],
  ["dsse 0.0.1", readDsse1],
  ["intoto 0.0.2", readInToto2],
  ["hashedrekord 0.0.2", readHashedRekord2],
  ["dsse 0.0.2", readDsse2],
]);

/** The kinds of Rekor 2, whose entries have no time of their own. */
export function isRekor2({ kind, version }: LogEntry): boolean {
  return version === "0.0.2" && kind !== "intoto";
}

/** Reads the canonicalized body of an entry. It is the log's text, but the signer has chosen what is in it. */
export function readLoggedSignature({ kind, version, canonicalizedBody }: LogEntry): LoggedSignature {
  const read =
    readers.get(`${kind} ${version}`) ?? refuse(`it is of the unknown kind "${quotation(`${kind} ${version}`)}"`);
  const body = new JsonReader(parse(canonicalizedBody), "its body", refuse);
  const bodyKind = body.member("kind").text();
  const bodyVersion = body.member("apiVersion").text();
  if (bodyKind !== kind || bodyVersion !== version) {
    refuse(`it is said to be "${kind} ${version}", its body is "${quotation(`${bodyKind} ${bodyVersion}`)}"`);
  }
  return read(body.member("spec"));
}

function parse(body: Buffer): ReturnType<typeof parseJsonBytes> {
  try {
    return parseJsonBytes(body);
  } catch (error) {
    return refuse(`its body is no JSON with one reading: ${messageOf(error)}`);
  }
}

/** sigstore/rekor, pkg/types/hashedrekord/v0.0.1 */
function readHashedRekord1(spec: JsonReader): LoggedSignature {
  const signature = spec.member("signature");
  return {
    digestOf: "signed-bytes",
    digest: hexDigest(spec.member("data").member("hash")),
    signature: signature.member("content").bytes(),
    verifier: pem(signature.member("publicKey").member("content")),
  };
}

/** sigstore/rekor, pkg/types/dsse/v0.0.1. `envelopeHash` is over JSON that nobody can rebuild, and adds nothing. */
function readDsse1(spec: JsonReader): LoggedSignature {
  const signature = onlyOne(spec.member("signatures"));
  return {
    digestOf: "payload",
    digest: hexDigest(spec.member("payloadHash")),
    signature: signature.member("signature").bytes(),
    verifier: pem(signature.member("verifier")),
  };
}

/** sigstore/rekor, pkg/types/intoto/v0.0.2. The signature is encoded twice. */
function readInToto2(spec: JsonReader): LoggedSignature {
  const content = spec.member("content");
  const signature = onlyOne(content.member("envelope").member("signatures"));
  const encoded = signature.member("sig");
  return {
    digestOf: "payload",
    digest: hexDigest(content.member("payloadHash")),
    signature: decodeBase64(encoded.bytes().toString("latin1")) ?? encoded.fail("is not base64 of base64"),
    verifier: pem(signature.member("publicKey")),
  };
}

/** sigstore/rekor-tiles, rekor_v2 hashedrekord.proto. Of an envelope it has the digest of the DSSE encoding. */
function readHashedRekord2(spec: JsonReader): LoggedSignature {
  const entry = spec.member("hashedRekordV002");
  const signature = entry.member("signature");
  return {
    digestOf: "signed-bytes",
    digest: protobufDigest(entry.member("data")),
    signature: signature.member("content").bytes(),
    verifier: protobufVerifier(signature.member("verifier")),
  };
}

/** sigstore/rekor-tiles, rekor_v2 dsse.proto */
function readDsse2(spec: JsonReader): LoggedSignature {
  const entry = spec.member("dsseV002");
  const signature = onlyOne(entry.member("signatures"));
  return {
    digestOf: "payload",
    digest: protobufDigest(entry.member("payloadHash")),
    signature: signature.member("content").bytes(),
    verifier: protobufVerifier(signature.member("verifier")),
  };
}

/** With two signatures in an entry, it would be open which of them it was logged for. */
function onlyOne(signatures: JsonReader): JsonReader {
  const [signature, ...others] = signatures.elements(32);
  if (signature === undefined || others.length > 0) return signatures.fail("is not exactly one signature");
  return signature;
}

function hexDigest(hash: JsonReader): Buffer {
  const algorithm = hash.member("algorithm").text();
  if (algorithm !== "sha256") hash.fail(`has the algorithm "${algorithm}", not sha256`);
  const value = hash.member("value").text();
  return /^[0-9a-f]{64}$/.test(value) ? Buffer.from(value, "hex") : hash.fail("is no lower-case SHA-256");
}

function protobufDigest(output: JsonReader): Buffer {
  const algorithm = output.member("algorithm").text();
  if (algorithm !== "SHA2_256") output.fail(`has the algorithm "${algorithm}", not SHA2_256`);
  return output.member("digest").bytes();
}

function protobufVerifier(verifier: JsonReader): Buffer {
  const certificate = verifier.optional("x509Certificate");
  const key = verifier.optional("publicKey");
  if (certificate !== undefined && key !== undefined) verifier.fail("has both a certificate and a key");
  return (certificate ?? key ?? verifier.fail("has neither a certificate nor a key")).member("rawBytes").bytes();
}

/** Base64 of the one PEM block (RFC 7468) that the text is, to its DER. */
function pem(content: JsonReader): Buffer {
  const text = content.bytes().toString("latin1");
  const match = /^\s*-----BEGIN (CERTIFICATE|PUBLIC KEY)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----\s*$/.exec(text);
  const der = decodeBase64((match?.[2] ?? "").replace(/[\r\n]+/g, ""));
  return der !== undefined && der.length > 0 ? der : content.fail("is not one certificate or public key in PEM");
}

function refuse(problem: string): never {
  throw new VerificationError("log-entry", `Log entry cannot be used: ${problem}`);
}
