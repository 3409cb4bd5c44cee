import type { JsonObject } from "../encoding/json.ts";
import type { KeyId } from "../trust/key-id.ts";
import { parseSignedDocument } from "./jws.ts";
import { signingKeys, thumbprintOf } from "./signing-keys.ts";
import { verifySignatures } from "./verify.ts";

/** Whoever has a private key and signs with it. A file is one way to have it; a token or a service would be others. */
export interface Signer {
  readonly key: KeyId;
  /** 64 bytes: Ed25519 (RFC 8032), or r and s of ECDSA over SHA-256 (RFC 7518, 3.4). */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** RFC 9864 and RFC 7518. */
const algorithmOf = (key: KeyId) => (key.startsWith("ed25519:") ? "Ed25519" : "ES256");

/** A JWS in general JSON serialization (RFC 7515, 7.2.1) with one signature. */
export async function signDocument(payload: Uint8Array, typ: string | undefined, signer: Signer): Promise<Buffer> {
  const text = Buffer.from(payload).toString("base64url");
  return format(text, [await signatureOf(text, typ, signer)]);
}

/**
 * The document with one signature more, over its payload as it is; those there stay as they are, whoever made them.
 * A signature by the same key is replaced: it counts once.
 * @throws SignatureError `signature-unreadable`
 */
export async function addSignature(document: Uint8Array, typ: string | undefined, signer: Signer): Promise<Buffer> {
  const parsed = parseSignedDocument(document);
  const { payload, signatures } = parsed.general;
  const fates = verifySignatures(parsed, signingKeys([signer.key]), (have) => have === typ);
  const others = signatures.filter((_, at) => fates[at]?.fate !== "verified");
  return format(payload, [...others, await signatureOf(payload, typ, signer)]);
}

async function signatureOf(payload: string, typ: string | undefined, signer: Signer): Promise<JsonObject> {
  const kid = thumbprintOf(signer.key);
  const header = JSON.stringify({ alg: algorithmOf(signer.key), kid, ...(typ !== undefined && { typ }) });
  const head = Buffer.from(header).toString("base64url");
  const signature = await signer.sign(Buffer.from(`${head}.${payload}`, "latin1"));
  return { protected: head, signature: Buffer.from(signature).toString("base64url") };
}

function format(payload: string, signatures: readonly JsonObject[]): Buffer {
  return Buffer.from(`${JSON.stringify({ payload, signatures }, undefined, 2)}\n`);
}
