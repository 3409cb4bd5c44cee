import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { messageOf, UsageError } from "../errors.ts";
import { type KeyId, keyIdOf } from "../trust/key-id.ts";
import { importKey } from "../trust/verification-key.ts";
import type { Signer } from "./sign.ts";

const keyAlgorithms = ["ed25519", "p256"] as const;
export type KeyAlgorithmName = (typeof keyAlgorithms)[number];

export function generatePrivateKey(algorithm: KeyAlgorithmName): KeyObject {
  return algorithm === "ed25519"
    ? generateKeyPairSync("ed25519").privateKey
    : generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

/** PKCS#8 as PEM (RFC 7468, 10 and 11), encrypted where there is a passphrase (PBES2, AES-256). */
export function formatPrivateKey(key: KeyObject, passphrase: string | undefined): string {
  const encryption = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  return key.export({ type: "pkcs8", format: "pem", ...encryption }).toString();
}

/** The public part as PEM of type `PUBLIC KEY` (RFC 7468, 13). */
export function formatPublicKey(key: KeyObject): string {
  return createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
}

export function isEncryptedKey(pem: string): boolean {
  return pem.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----");
}

/**
 * A private key that wheels can be signed with.
 * @param name of the file, for messages
 * @throws UsageError `invalid-key`
 */
export function parsePrivateKey(pem: string, passphrase: string | undefined, name: string): KeyObject {
  try {
    const key = createPrivateKey({ key: pem, format: "pem", ...(passphrase !== undefined && { passphrase }) });
    publicIdOf(key);
    return key;
  } catch (error) {
    throw new UsageError("invalid-key", `Cannot use the private key "${name}": ${reason(pem, error)}`, {
      cause: error,
      hint: "It is a file that tspip key new made: PKCS#8 as PEM, with an Ed25519 or P-256 key",
    });
  }
}

function reason(pem: string, error: unknown): string {
  if (isEncryptedKey(pem)) return "the passphrase is wrong, or the file is damaged";
  // Of what is no key at all, OpenSSL has nothing to say that helps.
  return pem.includes("PRIVATE KEY-----") ? messageOf(error) : "it holds no private key";
}

function publicIdOf(key: KeyObject): KeyId {
  const id = keyIdOf(importKey(createPublicKey(key).export({ type: "spki", format: "der" })));
  if (id === undefined) throw new Error("it is neither Ed25519 nor P-256");
  return id;
}

/** Signs with a key that is held in memory. */
export function keySigner(key: KeyObject): Signer {
  const id = publicIdOf(key);
  return {
    key: id,
    sign: async (data) =>
      id.startsWith("ed25519:") ? sign(null, data, key) : sign("sha256", data, { key, dsaEncoding: "ieee-p1363" }),
  };
}
