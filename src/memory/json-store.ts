import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { privacyProblem } from "./private-folder.ts";
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
interface Stored {
  readonly key: readonly string[];
  /** RFC 3339 */
  readonly at: string;
  readonly value: unknown;
}

/** Opens the folder, and makes it when it is not there. Without a folder to rely on, nothing is ever found in it. */
export function openJsonStore({ directory, now, maxAgeMs, owner, warn }: JsonStoreOptions): JsonStore {
  if (!isPrivate(directory, owner, warn)) return { get: () => undefined, set: async () => {} };
  const pathOf = (key: readonly string[]) =>
    join(directory, `${createHash("sha256").update(JSON.stringify(key)).digest("hex")}.json`);
  return {
    get(key) {
      try {
        // Hundreds of small files, and nothing to do meanwhile: reading in turn is three times as fast as by promises.
        const stored = JSON.parse(readFileSync(pathOf(key), "utf8")) as Stored;
        const age = now.getTime() - Date.parse(stored.at);
        const isFresh = age >= 0 && age <= maxAgeMs;
        return isFresh && JSON.stringify(stored.key) === JSON.stringify(key) ? stored.value : undefined;
      } catch {
        return undefined;
      }
    },
    async set(key, value) {
      const stored: Stored = { key, at: now.toISOString(), value };
      await writeWhole(pathOf(key), JSON.stringify(stored));
    },
  };
}

/** What others may change is no memory of ours: somebody could put evidence there. */
function isPrivate(directory: string, owner: number | undefined, warn: (message: string) => void): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch {
    warn(`The cache folder "${directory}" cannot be used`);
    return false;
  }
  const problem = privacyProblem(directory, owner);
  if (problem !== undefined) warn(problem);
  return problem === undefined;
}
