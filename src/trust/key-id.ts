import { createPublicKey } from "node:crypto";
import { decodeBase64Url } from "../encoding/base64.ts";
import { importKey, type VerificationKey } from "./verification-key.ts";

/**
 * A public key in its one spelling, so that equal keys are equal texts: `ed25519:` and the 32 bytes of RFC 8032, or
 * `p256:` and the 33 bytes of the compressed point (SEC 1, 2.3.3), in base64url without padding.
 */
export type KeyId = `${KeyIdAlgorithm}:${string}`;

type KeyIdAlgorithm = keyof typeof heads;

/** What stands before a key's own bytes in its SubjectPublicKeyInfo. OpenSSL reads compressed points too. */
const heads = {
  ed25519: Buffer.from("302a300506032b6570032100", "hex"),
  p256: Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"),
} as const;

const lengths: Readonly<Record<KeyIdAlgorithm, number>> = { ed25519: 32, p256: 33 };

/** The name of `key`; nothing for kinds that wheels are not signed with. */
export function keyIdOf({ algorithm, publicKey, spki }: VerificationKey): KeyId | undefined {
  switch (algorithm) {
    case "ed25519":
      return `ed25519:${spki.subarray(heads.ed25519.length).toString("base64url")}`;
    case "ecdsa-p256": {
      const { x = "", y = "" } = publicKey.export({ format: "jwk" });
      const isOdd = ((Buffer.from(y, "base64url").at(-1) ?? 0) & 1) === 1;
      const point = Buffer.concat([Buffer.of(isOdd ? 3 : 2), Buffer.from(x, "base64url")]);
      return `p256:${point.toString("base64url")}`;
    }
    default:
      return undefined;
  }
}

/** The key that `text` names; nothing when it names none. */
export function keyOfId(text: string): VerificationKey | undefined {
  const algorithm = text.startsWith("ed25519:") ? "ed25519" : text.startsWith("p256:") ? "p256" : undefined;
  if (algorithm === undefined) return undefined;
  const bytes = decodeBase64Url(text.slice(algorithm.length + 1));
  if (bytes?.length !== lengths[algorithm]) return undefined;
  if (algorithm === "ed25519" && !isUsableEd25519(bytes)) return undefined;
  try {
    const given = createPublicKey({ key: Buffer.concat([heads[algorithm], bytes]), format: "der", type: "spki" });
    // By way of its coordinates, as a point keeps the form in which it was read: one key has one SubjectPublicKeyInfo.
    const publicKey = createPublicKey({ key: given.export({ format: "jwk" }), format: "jwk" });
    return importKey(publicKey.export({ format: "der", type: "spki" }));
  } catch {
    // OpenSSL says no to points that are not on the curve.
    return undefined;
  }
}

/** The name of the one key in a PEM text of type `PUBLIC KEY` (RFC 7468, 13); nothing when it holds anything else. */
export function keyIdOfPem(text: string): KeyId | undefined {
  if (!/^\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/.test(text)) return undefined;
  try {
    const id = keyIdOf(importKey(createPublicKey(text).export({ format: "der", type: "spki" })));
    return id !== undefined && keyOfId(id) !== undefined ? id : undefined;
  } catch {
    return undefined;
  }
}

const fieldPrime = 2n ** 255n - 19n;

/** The y coordinates of the points of order 1, 2, 4 and 8: for such a key, anybody can make a signature that verifies. */
const smallOrders: readonly bigint[] = [
  0n,
  1n,
  fieldPrime - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
];

function isUsableEd25519(bytes: Buffer): boolean {
  const littleEndian = Buffer.from(bytes).reverse();
  const y = BigInt(`0x${littleEndian.toString("hex")}`) & (2n ** 255n - 1n);
  // RFC 8032, 5.1.3: y is below the prime; a second spelling of one key is none.
  return y < fieldPrime && !smallOrders.includes(y);
}
