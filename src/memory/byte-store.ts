import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nameOf } from "./json-store.ts";
import { makePrivateFolder } from "./private-folder.ts";
import { writeWhole } from "./write-whole.ts";

/** Bytes by name in a folder of the user's. What lies there is what was stored under the name, or a miss: no more is known. */
export interface ByteStore {
  get(name: string): Buffer | undefined;
  /** Never fails: what could not be stored is made again. */
  set(name: string, bytes: Buffer): Promise<void>;
}

/** Opens the folder, and makes it when it is not there. Nothing is found in one that others may write to. */
export function openByteStore(directory: string, owner: number | undefined): ByteStore {
  if (makePrivateFolder(directory, owner) !== undefined) return { get: () => undefined, set: async () => {} };
  const pathOf = (name: string) => join(directory, `${nameOf(name)}.page`);
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
