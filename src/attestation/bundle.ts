import type { JsonValue } from "../encoding/json.ts";
import { JsonReader } from "../encoding/json-reader.ts";
import { AttestationError, quotation } from "../errors.ts";

/** A Sigstore bundle (protobuf-specs, sigstore_bundle.proto), as it says of itself: nothing of it is verified. */
export interface Bundle {
  readonly mediaType: string;
  readonly signedBy: SigningMaterial;
  readonly entries: readonly LogEntry[];
  /** RFC 3161 responses. */
  readonly timestamps: readonly Buffer[];
  readonly content: DsseEnvelope | MessageSignature;
}

/**
 * A short-lived certificate with what came along as its chain, or a key that the verifier has to have already, which
 * `hint` helps to find.
 */
export type SigningMaterial =
  | { readonly kind: "certificate"; readonly certificate: Buffer; readonly chain: readonly Buffer[] }
  | { readonly kind: "public-key"; readonly hint: string };

/** DSSE: a typed payload and its signature. */
export interface DsseEnvelope {
  readonly kind: "dsse";
  readonly payloadType: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
}

/** A signature of an artifact's bytes. `digest` is a hint of the signer and must agree with the artifact. */
export interface MessageSignature {
  readonly kind: "message";
  readonly signature: Buffer;
  readonly digest?: { readonly algorithm: string; readonly bytes: Buffer };
}

/** An entry of a transparency log (sigstore_rekor.proto). */
export interface LogEntry {
  /** The index over all of the log's shards. */
  readonly logIndex: bigint;
  readonly logId: Buffer;
  readonly kind: string;
  readonly version: string;
  /** Seconds since 1970. Worth nothing unless `signedEntryTimestamp` covers it; Rekor 2 has none. */
  readonly integratedTime?: bigint;
  readonly signedEntryTimestamp?: Buffer;
  readonly inclusionProof?: InclusionProof;
  readonly canonicalizedBody: Buffer;
}

export interface InclusionProof {
  /** The index in this tree, a shard of the log. */
  readonly logIndex: bigint;
  readonly rootHash: Buffer;
  readonly treeSize: bigint;
  readonly hashes: readonly Buffer[];
  /** The signed tree head as text, see `checkpoint.ts`. */
  readonly checkpoint?: string;
}

export const inTotoPayloadType = "application/vnd.in-toto+json";
const usualMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** Whether a certificate may come as a chain: until 0.2 it could. */
const mediaTypes: ReadonlyMap<string, { readonly allowsChain: boolean }> = new Map([
  ["application/vnd.dev.sigstore.bundle+json;version=0.1", { allowsChain: true }],
  ["application/vnd.dev.sigstore.bundle+json;version=0.2", { allowsChain: true }],
  ["application/vnd.dev.sigstore.bundle+json;version=0.3", { allowsChain: false }],
  [usualMediaType, { allowsChain: false }],
]);

const maxEntries = 32;
const maxTimestamps = 32;
const maxChain = 8;
/** A Merkle tree of 2^63 leaves has no longer proof. */
const maxProofHashes = 64;
const maxCertificateBytes = 64 << 10;
const maxSignatureBytes = 4 << 10;
const maxPayloadBytes = 1 << 20;
const maxTimestampBytes = 64 << 10;
const maxBodyBytes = 4 << 20;

/**
 * Reads a Sigstore bundle of version 0.1 to 0.3.
 * @throws AttestationError `attestation-unreadable`, naming the member that is wrong
 */
export function readBundle(value: JsonValue, source: string): Bundle {
  const bundle = documentReader(value, source);
  const mediaType = bundle.member("mediaType").text();
  const format = mediaTypes.get(mediaType) ?? bundle.fail(`has the unknown media type "${quotation(mediaType)}"`);
  const material = bundle.member("verificationMaterial");
  const timestamps = material
    .optional("timestampVerificationData")
    ?.member("rfc3161Timestamps")
    .elements(maxTimestamps);
  return {
    mediaType,
    signedBy: readSigningMaterial(material, format.allowsChain),
    entries: material.member("tlogEntries").elements(maxEntries).map(readLogEntry),
    timestamps: (timestamps ?? []).map((timestamp) => limited(timestamp.member("signedTimestamp"), maxTimestampBytes)),
    content: readContent(bundle),
  };
}

/**
 * Reads a PEP 740 attestation object as the Sigstore bundle that it stands for (PyPA: index hosted attestations,
 * "Attestation objects"). Its own members are snake_case; log entries are protobuf's JSON as in a bundle.
 * @throws AttestationError `attestation-unreadable`, naming the member that is wrong
 */
export function readAttestation(value: JsonValue, source: string): Bundle {
  const attestation = documentReader(value, source);
  checkVersion(attestation);
  const material = attestation.member("verification_material");
  const envelope = attestation.member("envelope");
  return {
    mediaType: usualMediaType,
    signedBy: {
      kind: "certificate",
      certificate: limited(material.member("certificate"), maxCertificateBytes),
      chain: [],
    },
    entries: material.member("transparency_entries").elements(maxEntries).map(readLogEntry),
    // Not in version 1 of the specification yet (pypa/packaging.python.org pull request 1936); Rekor 2 cannot do without.
    timestamps: material
      .member("timestamps")
      .elements(maxTimestamps)
      .map((timestamp) => limited(timestamp, maxTimestampBytes)),
    content: {
      kind: "dsse",
      payloadType: inTotoPayloadType,
      payload: limited(envelope.member("statement"), maxPayloadBytes),
      signature: limited(envelope.member("signature"), maxSignatureBytes),
    },
  };
}

/** PyPA: index hosted attestations. Attestation and provenance objects alike have the version 1. */
export function checkVersion(object: JsonReader): void {
  const version = object.member("version");
  if (version.raw !== 1) version.fail(`is ${quotation(String(JSON.stringify(version.raw)))}, tspip reads 1`);
}

export function documentReader(value: JsonValue, source: string): JsonReader {
  return new JsonReader(value, source, (problem) => {
    throw new AttestationError("attestation-unreadable", `Cannot read the attestation: ${problem}`);
  });
}

function readSigningMaterial(material: JsonReader, allowsChain: boolean): SigningMaterial {
  const present = ["certificate", "x509CertificateChain", "publicKey"].filter((name) => material.has(name));
  if (present.length !== 1)
    material.fail(`has ${present.length} of certificate, x509CertificateChain and publicKey, not one`);
  const key = material.optional("publicKey");
  if (key !== undefined) return { kind: "public-key", hint: key.optional("hint")?.text() ?? "" };
  const single = material.optional("certificate");
  if (single !== undefined) return { kind: "certificate", certificate: readCertificateBytes(single), chain: [] };
  if (!allowsChain) material.fail("has a certificate chain, which this version of bundles does not allow");
  const certificates = material.member("x509CertificateChain").member("certificates");
  const [certificate, ...chain] = certificates.elements(maxChain).map(readCertificateBytes);
  if (certificate === undefined) return certificates.fail("is empty");
  return { kind: "certificate", certificate, chain };
}

function readCertificateBytes(certificate: JsonReader): Buffer {
  return limited(certificate.member("rawBytes"), maxCertificateBytes);
}

function readLogEntry(entry: JsonReader): LogEntry {
  const kindVersion = entry.member("kindVersion");
  const integratedTime = entry.optional("integratedTime")?.uint64();
  const promise = entry.optional("inclusionPromise")?.member("signedEntryTimestamp");
  const proof = entry.optional("inclusionProof");
  return {
    logIndex: entry.optional("logIndex")?.uint64() ?? 0n,
    logId: entry.member("logId").member("keyId").bytes(),
    kind: kindVersion.member("kind").text(),
    version: kindVersion.member("version").text(),
    // Protobuf's JSON writes no zero, or "0": both mean that there is no time.
    ...(integratedTime && { integratedTime }),
    ...(promise && { signedEntryTimestamp: limited(promise, maxSignatureBytes) }),
    ...(proof && { inclusionProof: readInclusionProof(proof) }),
    canonicalizedBody: limited(entry.member("canonicalizedBody"), maxBodyBytes),
  };
}

function readInclusionProof(proof: JsonReader): InclusionProof {
  const checkpoint = proof.optional("checkpoint")?.member("envelope").text();
  return {
    logIndex: proof.optional("logIndex")?.uint64() ?? 0n,
    rootHash: proof.member("rootHash").bytes(),
    treeSize: proof.member("treeSize").uint64(),
    hashes: proof
      .member("hashes")
      .elements(maxProofHashes)
      .map((hash) => hash.bytes()),
    ...(checkpoint !== undefined && { checkpoint }),
  };
}

function readContent(bundle: JsonReader): DsseEnvelope | MessageSignature {
  const envelope = bundle.optional("dsseEnvelope");
  const message = bundle.optional("messageSignature");
  if (envelope !== undefined && message !== undefined) bundle.fail("has both an envelope and a message signature");
  if (envelope !== undefined) return readEnvelope(envelope);
  return readMessageSignature(message ?? bundle.fail("has neither an envelope nor a message signature"));
}

function readEnvelope(envelope: JsonReader): DsseEnvelope {
  const signatures = envelope.member("signatures");
  const entries = signatures.elements(maxEntries);
  const [signature] = entries;
  // sigstore_bundle.proto: exactly one signature.
  if (signature === undefined || entries.length > 1)
    return signatures.fail(`has ${entries.length} signatures, not one`);
  return {
    kind: "dsse",
    payloadType: envelope.member("payloadType").text(),
    payload: limited(envelope.member("payload"), maxPayloadBytes),
    signature: limited(signature.member("sig"), maxSignatureBytes),
  };
}

function readMessageSignature(message: JsonReader): MessageSignature {
  const digest = message.optional("messageDigest");
  return {
    kind: "message",
    signature: limited(message.member("signature"), maxSignatureBytes),
    ...(digest && {
      digest: { algorithm: digest.member("algorithm").text(), bytes: digest.member("digest").bytes() },
    }),
  };
}

function limited(value: JsonReader, most: number): Buffer {
  const bytes = value.bytes();
  return bytes.length > most ? value.fail(`has ${bytes.length} bytes, the limit is ${most}`) : bytes;
}
