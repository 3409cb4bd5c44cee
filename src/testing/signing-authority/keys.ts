import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/**
 * Who signs one step. A stranger holds a key of his own, writes the authority's names and key ids over it, and has to
 * be caught by the signature alone.
 */
export type KeyHolder = "authority" | "stranger";

export type Keys = Readonly<Record<KeyHolder, KeyObject>>;

export type Curve = "P-256" | "P-384" | "Ed25519";

/** A private key for either holder. */
export function generateKeys(curve: Curve): Keys {
  return { authority: generateKey(curve), stranger: generateKey(curve) };
}

export function generateKey(curve: Curve): KeyObject {
  const pair = curve === "Ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: curve });
  return pair.privateKey;
}

/** SubjectPublicKeyInfo of a private key, DER. */
export function publicKeyDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: "der", type: "spki" });
}

/** How both kinds of log name themselves: SHA-256 of the public key, DER (RFC 6962, 3.2). */
export function keyIdOf(key: KeyObject): Buffer {
  return sha256(publicKeyDer(key));
}

/** Ed25519 by such a key, else ECDSA with SHA-256, DER. */
export function signBytes(key: KeyObject, data: Uint8Array): Buffer {
  return sign(key.asymmetricKeyType === "ed25519" ? null : "sha256", data, key);
}

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
