import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makePrivateFolder } from "./private-folder.ts";
import { writeWhole } from "./write-whole.ts";

/** JSON values by key in a folder of the user's, for a while. A lost or broken value is a miss and nothing else. */
export interface JsonStore {
  get(key: readonly string[]): unknown;
  /** Never fails: what could not be stored is asked for again. */
  set(key: readonly string[], value: unknown): Promise<void>;
}

export interface JsonStoreOptions {
  readonly directory: string;
  readonly now: Date;
  /** Values older than this are misses. */
  readonly maxAgeMs: number;
  /** The user whose memory it is, by number; unknown on systems without such numbers. */
  readonly owner?: number | undefined;
  /** Told when the folder cannot be used. */
  readonly warn: (message: string) => void;
}

/** What lies in a file: the key as well, so that a file that was moved there is no answer to another question. */
export interface Stored {
  readonly key: readonly string[];
  /** RFC 3339 */
  readonly at: string;
  readonly value: unknown;
}

/** Opens the folder, and makes it when it is not there. Without a folder to rely on, nothing is ever found in it. */
export function openJsonStore(options: JsonStoreOptions): JsonStore {
  if (!makePrivate(options)) return { get: () => undefined, set: async () => {} };
  const files = storedFiles(options);
  return {
    get: (key) => files.read(key)?.value,
    set: (key, value) => files.write(stored(key, value, options)),
  };
}

/** One file for each key. */
export interface StoredFiles {
  read(key: readonly string[]): Stored | undefined;
  write(value: Stored): Promise<void>;
}

export function storedFiles(options: Pick<JsonStoreOptions, "directory" | "now" | "maxAgeMs">): StoredFiles {
  const pathOf = (key: readonly string[]) => join(options.directory, `${nameOf(JSON.stringify(key))}.json`);
  return {
    read(key) {
      try {
        // In turn: for small files, and nothing to do meanwhile, that is three times as fast as by promises.
        const value = JSON.parse(readFileSync(pathOf(key), "utf8")) as Stored;
        return isFresh(value.at, options) && JSON.stringify(value.key) === JSON.stringify(key) ? value : undefined;
      } catch {
        return undefined;
      }
    },
    write: (value) => writeWhole(pathOf(value.key), JSON.stringify(value)),
  };
}

/** What a file is called that answers `question`: nobody can choose two questions with one name. */
export function nameOf(question: string): string {
  return hash("sha256", question, "hex");
}

export function stored(key: readonly string[], value: unknown, { now }: Pick<JsonStoreOptions, "now">): Stored {
  return { key, at: now.toISOString(), value };
}

/** @param at RFC 3339 */
export function isFresh(at: string, { now, maxAgeMs }: Pick<JsonStoreOptions, "now" | "maxAgeMs">): boolean {
  const age = now.getTime() - Date.parse(at);
  return age >= 0 && age <= maxAgeMs;
}

/** What others may change is no memory of ours: somebody could put evidence there. */
export function makePrivate({ directory, owner, warn }: JsonStoreOptions): boolean {
  const problem = makePrivateFolder(directory, owner);
  if (problem !== undefined) warn(problem);
  return problem === undefined;
}
