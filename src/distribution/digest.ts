import { hash } from "node:crypto";

/** Hash algorithms that tspip relies on. md5, sha1 and sha224 count as no hash at all (PEP 427). */
export const secureAlgorithms = ["sha256", "sha384", "sha512"] as const;
export type HashAlgorithm = (typeof secureAlgorithms)[number];

/** Digests of one artifact by algorithm, as lower-case hex. Only secure algorithms are kept. */
export type Digests = Readonly<Partial<Record<HashAlgorithm, string>>>;

const hexLength: Record<HashAlgorithm, number> = { sha256: 64, sha384: 96, sha512: 128 };

export function isHashAlgorithm(text: string): text is HashAlgorithm {
  return (secureAlgorithms as readonly string[]).includes(text);
}

/** Whether `hex` has the length and letters of a digest by `algorithm`, in either case. */
export function isHexDigest(algorithm: HashAlgorithm, hex: string): boolean {
  return hex.length === hexLength[algorithm] && /^[0-9a-f]+$/i.test(hex);
}

/** The digest of bytes in memory, or of a text as UTF-8; as lower-case hex. */
export function digestOf(bytes: Uint8Array | string, algorithm: HashAlgorithm = "sha256"): string {
  return hash(algorithm, bytes, "hex");
}

export function hasDigest(digests: Digests): boolean {
  return secureAlgorithms.some((algorithm) => digests[algorithm] !== undefined);
}
