import { HashAlgorithm } from "@cyclonedx/cyclonedx-library/Enums";
import { HashDictionary } from "@cyclonedx/cyclonedx-library/Models";
import { type Digests, secureAlgorithms } from "../distribution/digest.ts";

const names = {
  sha256: HashAlgorithm["SHA-256"],
  sha384: HashAlgorithm["SHA-384"],
  sha512: HashAlgorithm["SHA-512"],
} as const;

/** Digests under CycloneDX's names of the algorithms. */
export function hashesOf(digests: Digests): HashDictionary {
  const hashes = new HashDictionary();
  for (const algorithm of secureAlgorithms) {
    const hex = digests[algorithm];
    if (hex !== undefined) hashes.set(names[algorithm], hex);
  }
  return hashes;
}
