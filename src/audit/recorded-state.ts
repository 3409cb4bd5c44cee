import { createHash, hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isHashAlgorithm } from "../distribution/digest.ts";
import { readWithoutWaiting } from "../environment/read-file.ts";
import type { RecordRow } from "../wheel/record.ts";

/** A file and the hash that it should have. */
export interface RecordedTask {
  readonly path: string;
  readonly hash?: RecordRow["hash"];
}

/** What became of a file since RECORD was written. */
export type RecordedState = "same" | "changed" | "missing" | "unhashed" | "unreadable";

/** Files above this are read in pieces. */
const chunkLength = 4 << 20;

/** Compares one file with the hash that RECORD has for it. */
export function stateOf({ path, hash: expected }: RecordedTask): RecordedState {
  let file: number;
  try {
    file = openSync(path, readWithoutWaiting);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable";
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return "unreadable";
    if (expected === undefined || !isHashAlgorithm(expected.algorithm)) return "unhashed";
    const digest = digestOf(file, stats.size, expected.algorithm);
    return digest === expected.digest.replace(/=+$/, "") ? "same" : "changed";
  } catch {
    return "unreadable";
  } finally {
    closeSync(file);
  }
}

function digestOf(file: number, size: number, algorithm: string): string {
  const buffer = Buffer.allocUnsafe(Math.min(size + 1, chunkLength));
  const length = readSync(file, buffer);
  // One byte more was asked for than there are: it is the whole file.
  if (length < buffer.length) return hash(algorithm, buffer.subarray(0, length), "base64url");
  const hasher = createHash(algorithm);
  for (let read = length; read > 0; read = readSync(file, buffer)) hasher.update(buffer.subarray(0, read));
  return hasher.digest("base64url");
}
