import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { privacyProblem } from "./private-folder.ts";
import { writeWhole } from "./write-whole.ts";

/** Bytes by name in a folder of the user's. What lies there is what was stored under the name, or a miss: no more is known. */
export interface ByteStore {
  get(name: string): Buffer | undefined;
  /** Never fails: what could not be stored is made again. */
  set(name: string, bytes: Buffer): Promise<void>;
}

/** Opens the folder, and makes it when it is not there. Nothing is found in one that others may write to. */
export function openByteStore(directory: string, owner: number | undefined): ByteStore {
  if (!isUsable(directory, owner)) return { get: () => undefined, set: async () => {} };
  const pathOf = (name: string) => join(directory, `${createHash("sha256").update(name).digest("hex")}.page`);
  return {
    get(name) {
      try {
        return readFileSync(pathOf(name));
      } catch {
        return undefined;
      }
    },
    set: (name, bytes) => writeWhole(pathOf(name), bytes),
  };
}

function isUsable(directory: string, owner: number | undefined): boolean {
  try {
    makeFolder(directory);
  } catch {
    return false;
  }
  return privacyProblem(directory, owner) === undefined;
}
