import { hash } from "node:crypto";
import type { ArtifactFilename } from "../distribution/filename.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJsonBytes } from "../encoding/json.ts";
import { messageOf, SignatureError } from "../errors.ts";

/** The artifact that a detached signature is about. */
export interface SignedArtifact {
  readonly filename: ArtifactFilename;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly size: number;
  /** Of RECORD, as `recordHash` writes it; absent for source distributions. */
  readonly record?: string;
}

/** The `typ` of a detached signature: it keeps other documents by the same key from being taken for one. */
export const artifactType = "tspip-artifact+json";

/** `sha256=` and the digest in base64url without padding, as rows of RECORD have it. */
export function recordHash(record: Uint8Array): string {
  return `sha256=${hash("sha256", record, "base64url")}`;
}

/** What RECORD.jws signs (PEP 427): one member, the hash of RECORD. */
export function recordPayload(record: string): JsonObject {
  return { hash: record };
}

/** What a detached signature signs: the file by name, size and digest, and for a wheel its RECORD. */
export function artifactPayload({ filename, sha256, size, record }: SignedArtifact): JsonObject {
  return {
    filename: filename.text,
    name: filename.name,
    ...(record !== undefined && { record }),
    sha256,
    size,
    version: filename.version.text,
  };
}

/** @throws SignatureError `signature-subject-mismatch` when the payload of RECORD.jws is not about this RECORD */
export function checkRecordPayload(payload: Uint8Array, record: string): void {
  checkMembers(parsePayload(payload), recordPayload(record), ["hash"], "RECORD");
}

/**
 * Every member that is there must say what is so, and nothing else may be there. RECORD may be left out, as a source
 * distribution has none and the digest covers it.
 * @throws SignatureError `signature-subject-mismatch`
 */
export function checkArtifactPayload(payload: Uint8Array, artifact: SignedArtifact): void {
  const required = ["filename", "name", "sha256", "size", "version"];
  checkMembers(parsePayload(payload), artifactPayload(artifact), required, `"${artifact.filename.text}"`);
}

function parsePayload(payload: Uint8Array): JsonObject {
  let value: JsonValue;
  try {
    value = parseJsonBytes(payload);
  } catch (error) {
    throw mismatch(`what is signed is no JSON document: ${messageOf(error)}`);
  }
  if (!isJsonObject(value)) throw mismatch("what is signed is no JSON object");
  return value;
}

function checkMembers(payload: JsonObject, actual: JsonObject, required: readonly string[], about: string): void {
  for (const name of required)
    if (!(name in payload)) throw mismatch(`what is signed is not about ${about}: no "${name}"`);
  for (const [name, signed] of Object.entries(payload)) {
    const have = actual[name];
    if (have === undefined) throw mismatch(`what is signed is not about ${about}: it has "${name.slice(0, 50)}"`);
    if (signed !== have)
      throw mismatch(`${name} signed: ${JSON.stringify(signed)?.slice(0, 120)}, ${about} has ${JSON.stringify(have)}`);
  }
}

function mismatch(message: string): SignatureError {
  return new SignatureError("signature-subject-mismatch", message);
}
