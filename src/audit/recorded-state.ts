import { createHash, hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { isHashAlgorithm } from "../distribution/digest.ts";
import { readWithoutWaiting } from "../environment/read-file.ts";
import type { RecordRow } from "../wheel/record.ts";

/** A file and the hash that it should have. */
export interface RecordedTask {
  readonly path: string;
  readonly hash?: RecordRow["hash"];
  /** Bytes, as RECORD has it; only the time that is planned for depends on it. */
  readonly size?: number;
}

/** What became of a file since RECORD was written. */
export type RecordedState = "same" | "changed" | "missing" | "unhashed" | "unreadable";

/** Files above this are read in pieces. One for all files: fresh memory costs more than to hash what lies in it. */
const buffer = Buffer.allocUnsafeSlow(1 << 20);

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
    // A folder can be opened, and not be read.
    const length = readSync(file, buffer);
    if (expected === undefined || !isHashAlgorithm(expected.algorithm)) return "unhashed";
    const digest = digestOf(file, length, expected.algorithm);
    return digest === expected.digest.replace(/=+$/, "") ? "same" : "changed";
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
  const hasher = createHash(algorithm);
  for (let read = length; read > 0; read = readSync(file, buffer)) hasher.update(buffer.subarray(0, read));
  return hasher.digest("base64url");
}
