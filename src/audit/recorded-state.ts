import { createHash, hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isHashAlgorithm } from "../distribution/digest.ts";
import { readWithoutWaiting } from "../environment/read-file.ts";

/** A file and the hash that it should have, if there is one: short, as threads send each other many of them. */
export type RecordedTask = readonly [path: string, algorithm?: string, digest?: string];

/** What became of a file since RECORD was written. */
export type RecordedState = "same" | "changed" | "missing" | "unhashed" | "unreadable";

/**
 * Files above this are read in pieces. One for all files: fresh memory costs more than to hash what lies in it. It fits
 * into the cache of a processor with what it is hashed by.
 */
const buffer = Buffer.allocUnsafeSlow(1 << 18);

/** Compares one file with the hash that RECORD has for it. */
export function stateOf([path, algorithm, expected = ""]: RecordedTask): RecordedState {
  let file: number;
  try {
    file = openSync(path, readWithoutWaiting);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable";
  }
  try {
    // A folder can be opened, and not be read.
    const length = readSync(file, buffer);
    if (algorithm === undefined || !isHashAlgorithm(algorithm)) return "unhashed";
    return digestOf(file, length, algorithm) === expected.replace(/=+$/, "") ? "same" : "changed";
  } catch {
    return "unreadable";
  } finally {
    closeSync(file);
  }
}

/** @param length of the first piece, which lies in the buffer */
function digestOf(file: number, length: number, algorithm: string): string {
  if (length < buffer.length) {
    // There was room for more: it is the whole file. A device may give less than there is, and has no digest to meet.
    return hash(algorithm, buffer.subarray(0, length), "base64url");
  }
  // A device gives without end.
  if (!fstatSync(file).isFile()) throw new Error("it is no regular file");
  const hasher = createHash(algorithm);
  for (let read = length; read > 0; read = readSync(file, buffer)) hasher.update(buffer.subarray(0, read));
  return hasher.digest("base64url");
}
