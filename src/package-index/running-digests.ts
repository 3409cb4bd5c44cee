import { createHash } from "node:crypto";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { digestOf, type HashAlgorithm } from "../distribution/digest.ts";

/** Digests of bytes while they come in. */
export interface RunningDigests {
  update(chunk: Buffer): void;
  /** To be called once, at the end. */
  finish(): Artifact["digests"];
}

type Promised = Pick<ArtifactRef, "digests" | "pins">;

/** SHA-256 always, and what the index or the user promised by another algorithm. */
export function startDigests(ref: Promised): RunningDigests {
  const hashes = algorithmsOf(ref).map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  return {
    update: (chunk) => {
      for (const { hash } of hashes) hash.update(chunk);
    },
    finish: () => digestsBy(hashes.map(({ algorithm, hash }) => [algorithm, hash.digest("hex")])),
  };
}

/** The same, of bytes that are all here. */
export function digestsOf(bytes: Buffer, ref: Promised): Artifact["digests"] {
  return digestsBy(algorithmsOf(ref).map((algorithm) => [algorithm, digestOf(bytes, algorithm)]));
}

function algorithmsOf({ digests, pins = [] }: Promised): HashAlgorithm[] {
  const promised = [...Object.keys(digests), ...pins.map(({ algorithm }) => algorithm)] as HashAlgorithm[];
  return [...new Set<HashAlgorithm>(["sha256", ...promised])];
}

function digestsBy(entries: readonly [HashAlgorithm, string][]): Artifact["digests"] {
  return Object.fromEntries(entries) as Artifact["digests"];
}
