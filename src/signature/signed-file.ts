import { parseSignedDocument } from "./jws.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { artifactType, checkArtifactPayload, checkRecordPayload, type SignedArtifact } from "./subject.ts";
import { type SignatureFate, verifySignatures } from "./verify.ts";

/**
 * The fate of each signature in RECORD.jws (PEP 427). It covers RECORD and nothing else: whoever relies on it has to
 * have compared every member of the wheel with RECORD.
 * @param record of the wheel's RECORD, see `recordHash`
 * @throws SignatureError when the document cannot be read or is about another RECORD
 */
export function verifyRecordJws(document: Uint8Array, record: string, keys: SigningKeys): readonly SignatureFate[] {
  const signed = parseSignedDocument(document);
  checkRecordPayload(signed.payload, record);
  return verifySignatures(signed, keys, (typ) => typeof typ !== "string" || !typ.startsWith("tspip-"));
}

/**
 * The fate of each signature in `FILE.jws`, the document beside an artifact.
 * @throws SignatureError when the document cannot be read or is about another file
 */
export function verifyDetachedJws(
  document: Uint8Array,
  artifact: SignedArtifact,
  keys: SigningKeys,
): readonly SignatureFate[] {
  const signed = parseSignedDocument(document);
  checkArtifactPayload(signed.payload, artifact);
  return verifySignatures(signed, keys, (typ) => typ === artifactType);
}
