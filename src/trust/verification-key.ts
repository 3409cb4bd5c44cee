import { createPublicKey, type KeyObject, verify } from "node:crypto";

/** A public key and the hash that its signatures are made over. */
export interface VerificationKey {
  readonly publicKey: KeyObject;
  /** The key's DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  readonly algorithm: KeyAlgorithm;
}

/** The algorithms of Sigstore's registry that its instances use (sigstore/architecture-docs, algorithm-registry.md). */
export type KeyAlgorithm = "ecdsa-p256" | "ecdsa-p384" | "ecdsa-p521" | "ed25519" | "rsa-pkcs1";

export type HashName = "sha256" | "sha384" | "sha512";

const usualHash: Record<KeyAlgorithm, HashName | null> = {
  "ecdsa-p256": "sha256",
  "ecdsa-p384": "sha384",
  "ecdsa-p521": "sha512",
  // Ed25519 hashes on its own (RFC 8032).
  ed25519: null,
  "rsa-pkcs1": "sha256",
};

/** @throws Error when the bytes are no key, or one of a kind that Sigstore does not use */
export function importKey(der: Buffer, type: "spki" | "pkcs1" = "spki"): VerificationKey {
  const publicKey = createPublicKey(type === "spki" ? pem(der) : { key: der, format: "der", type });
  const spki = type === "spki" ? der : publicKey.export({ format: "der", type: "spki" });
  return { publicKey, spki, algorithm: algorithmOf(publicKey, spki) };
}

/** RFC 7468. Node.js spends twice the time on DER: it finds out by exceptions that the object around it is no key. */
function pem(spki: Buffer): string {
  let lines = "";
  // Of 64 characters, as 48 bytes are.
  for (let at = 0; at < spki.length; at += 48) lines += `${spki.toString("base64", at, at + 48)}\n`;
  return `-----BEGIN PUBLIC KEY-----\n${lines}-----END PUBLIC KEY-----\n`;
}

/** The start of each kind's SubjectPublicKeyInfo, up to the key's own bytes: quicker to compare than to ask OpenSSL. */
const spkiHeads: readonly (readonly [KeyAlgorithm, Buffer])[] = [
  ["ecdsa-p256", Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex")],
  ["ecdsa-p384", Buffer.from("3076301006072a8648ce3d020106052b81040022036200", "hex")],
  ["ecdsa-p521", Buffer.from("30819b301006072a8648ce3d020106052b8104002303818600", "hex")],
  ["ed25519", Buffer.from("302a300506032b6570032100", "hex")],
];

function algorithmOf(key: KeyObject, spki: Buffer): KeyAlgorithm {
  const known = spkiHeads.find(([, head]) => spki.subarray(0, head.length).equals(head));
  if (known !== undefined) return known[0];
  const { asymmetricKeyType: type, asymmetricKeyDetails: { namedCurve, modulusLength = 0 } = {} } = key;
  if (type === "rsa" && modulusLength >= 2048) return "rsa-pkcs1";
  throw new Error(
    `Keys of the kind "${[type, namedCurve, modulusLength || undefined].filter(Boolean).join(" ")}" are not supported`,
  );
}

/**
 * Whether `signature` by `key` covers `data`. ECDSA signatures are DER (RFC 3279), Ed25519 ones 64 bytes (RFC 8032).
 * `hash` is given where the format names one; otherwise it is the usual one of the key.
 */
export type SignatureCheck = (
  key: VerificationKey,
  data: Uint8Array,
  signature: Uint8Array,
  hash?: HashName,
) => boolean;

/** Looks at it here and now. */
export const isSignedBy: SignatureCheck = (key, data, signature, hash) => {
  try {
    return verify(hashFor(key, hash), data, key.publicKey, signature);
  } catch {
    // OpenSSL fails at some signatures that are malformed; they are no signatures all the same.
    return false;
  }
};

/** The same, in one of Node.js's own threads. */
export async function isSignedByLater(...[key, data, signature, hash]: Parameters<SignatureCheck>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  try {
    verify(hashFor(key, hash), data, key.publicKey, signature, (error, isSigned) => resolve(!error && isSigned));
    return await promise;
  } catch {
    return false;
  }
}

function hashFor({ algorithm }: VerificationKey, named?: HashName): HashName | null {
  const usual = usualHash[algorithm];
  return usual === null ? null : (named ?? usual);
}
