import { createHash, hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isHashAlgorithm } from "../distribution/digest.ts";
import type { FileState, FileTask } from "./hash-files.ts";

/** Files above this are read in pieces. */
const chunkLength = 4 << 20;

/** Compares one file with the hash that RECORD has for it. */
export function stateOf({ path, hash: expected }: FileTask): FileState {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable";
  }
  try {
    if (expected === undefined || !isHashAlgorithm(expected.algorithm)) return "unhashed";
    const digest = digestOf(file, expected.algorithm);
    return digest === expected.digest.replace(/=+$/, "") ? "same" : "changed";
  } catch {
    return "unreadable";
  } finally {
    closeSync(file);
  }
}

function digestOf(file: number, algorithm: string): string {
  const { size } = fstatSync(file);
  const buffer = Buffer.allocUnsafe(Math.min(size + 1, chunkLength));
  const length = readSync(file, buffer);
  // One byte more was asked for than there are: it is the whole file.
  if (length < buffer.length) return hash(algorithm, buffer.subarray(0, length), "base64url");
  const hasher = createHash(algorithm);
  for (let read = length; read > 0; read = readSync(file, buffer)) hasher.update(buffer.subarray(0, read));
  return hasher.digest("base64url");
}
