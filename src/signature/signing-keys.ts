import { createPublicKey, hash } from "node:crypto";
import { decodeBase64Url } from "../encoding/base64.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../encoding/json.ts";
import { type KeyId, keyIdOf, keyOfId } from "../trust/key-id.ts";
import { importKey, type VerificationKey } from "../trust/verification-key.ts";

/** The keys that somebody trusts, found by what a header says of its key. A header's own key is none of them. */
export interface SigningKeys {
  readonly byId: ReadonlyMap<KeyId, VerificationKey>;
  /** By RFC 7638 SHA-256 thumbprint. */
  readonly byThumbprint: ReadonlyMap<string, KeyId>;
}

/** @throws RangeError for an id that names no key: ids are made by `keyIdOf` */
export function signingKeys(ids: Iterable<KeyId>): SigningKeys {
  const byId = new Map([...ids].map((id) => [id, requiredKey(id)] as const));
  return { byId, byThumbprint: new Map([...byId].map(([id, key]) => [thumbprint(toJwk(key)), id])) };
}

export function requiredKey(id: KeyId): VerificationKey {
  const key = keyOfId(id);
  if (key === undefined) throw new RangeError(`"${id}" is no key`);
  return key;
}

/** A public key as JSON Web Key (RFC 7517; RFC 8037 for Ed25519), with the members that make the key and no others. */
export interface PublicJwk {
  readonly crv: "Ed25519" | "P-256";
  readonly kty: "OKP" | "EC";
  readonly x: string;
  readonly y?: string;
}

export function toJwk({ publicKey }: VerificationKey): PublicJwk {
  return publicKey.export({ format: "jwk" }) as unknown as PublicJwk;
}

/** The RFC 7638 thumbprint of a key. */
export function thumbprintOf(id: KeyId): string {
  return thumbprint(toJwk(requiredKey(id)));
}

/** RFC 7638: SHA-256 of the required members in lexical order, base64url. */
function thumbprint({ crv, kty, x, y }: PublicJwk): string {
  return hash("sha256", JSON.stringify({ crv, kty, x, ...(y !== undefined && { y }) }), "base64url");
}

/** The id of the key that a JWK holds, in its one spelling; nothing when it holds no key that wheels are signed with. */
export function keyIdOfJwk(jwk: JsonValue | undefined): KeyId | undefined {
  if (!isJsonObject(jwk) || !isForSigning(jwk)) return undefined;
  const id = jwk.kty === "EC" ? pointId(jwk) : jwk.kty === "OKP" && jwk.crv === "Ed25519" ? rawId(jwk.x) : undefined;
  return id !== undefined && keyOfId(id) !== undefined ? id : undefined;
}

/** RFC 7517, 4.2 and 4.3: a key may say what it is for. */
function isForSigning({ use = "sig", key_ops: operations = ["verify"] }: JsonObject): boolean {
  return use === "sig" && Array.isArray(operations) && operations.includes("verify");
}

/** The key that a header itself holds: `jwk` (RFC 7515, 4.1.3), or the `vk` that `wheel sign` wrote. */
export function embeddedKeyId(header: JsonObject): KeyId | undefined {
  for (const key of [header.jwk, header.key]) {
    if (!isJsonObject(key)) continue;
    const id = key.vk === undefined ? keyIdOfJwk(key) : rawId(key.vk);
    return id !== undefined && keyOfId(id) !== undefined ? id : undefined;
  }
  return undefined;
}

function rawId(value: JsonValue | undefined): KeyId | undefined {
  return typeof value === "string" && decodeBase64Url(value)?.length === 32 ? `ed25519:${value}` : undefined;
}

function pointId({ crv, x, y }: JsonObject): KeyId | undefined {
  if (crv !== "P-256" || typeof x !== "string" || typeof y !== "string") return undefined;
  if (decodeBase64Url(x)?.length !== 32 || decodeBase64Url(y)?.length !== 32) return undefined;
  try {
    const key = createPublicKey({ key: { kty: "EC", crv, x, y }, format: "jwk" });
    return keyIdOf(importKey(key.export({ format: "der", type: "spki" })));
  } catch {
    // OpenSSL says no to points that are not on the curve.
    return undefined;
  }
}
