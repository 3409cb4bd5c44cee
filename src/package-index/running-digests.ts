import { createHash, type Hash } from "node:crypto";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import type { HashAlgorithm } from "../distribution/digest.ts";

/** Digests of bytes while they come in. */
export interface RunningDigests {
  update(chunk: Buffer): void;
  /** To be called once, at the end. */
  finish(): Artifact["digests"];
}

/** SHA-256 always, and what the index or the user promised by another algorithm. */
export function startDigests({ digests, pins = [] }: Pick<ArtifactRef, "digests" | "pins">): RunningDigests {
  const promised = [...Object.keys(digests), ...pins.map(({ algorithm }) => algorithm)] as HashAlgorithm[];
  const algorithms = new Set<HashAlgorithm>(["sha256", ...promised]);
  const hashes = [...algorithms].map((algorithm): [HashAlgorithm, Hash] => [algorithm, createHash(algorithm)]);
  return {
    update: (chunk) => {
      for (const [, hash] of hashes) hash.update(chunk);
    },
    finish: () =>
      Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.digest("hex")])) as Artifact["digests"],
  };
}
