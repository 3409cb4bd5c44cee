import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  isFresh,
  type JsonStore,
  type JsonStoreOptions,
  makePrivate,
  nameOf,
  type Stored,
  stored,
  storedFiles,
} from "./json-store.ts";
import { writeWhole } from "./write-whole.ts";

/** A `JsonStore` in which the values that were needed together lie in one file as well, and are read at once. */
export interface PackedStore extends JsonStore {
  /** Writes that file, where it lacked a value that was needed. Never fails. */
  pack(): Promise<void>;
}

/** Keeps nothing. */
export const nothingKept: PackedStore = { get: () => undefined, set: async () => {}, pack: async () => {} };

/**
 * Each value has its file, for whoever needs it; a pack repeats those that `occasion` needed: a hundred packages of a lock
 * file are two hundred small files, and most of the time would go into opening them. A pack has keys and times of its
 * own for each value, so that it answers nothing that the files would not. It is written whole, with its digest; one that
 * is broken is as good as none. Of two that are written at once, one stays.
 * @param occasion what the values are needed for, in any words
 */
export function openPackedStore(options: JsonStoreOptions, occasion: string): PackedStore {
  if (!makePrivate(options)) return nothingKept;
  const files = storedFiles(options);
  const path = join(options.directory, `${nameOf(occasion)}.pack`);
  const packed = readPack(path);
  const added = new Map<string, Stored>();
  const noted = (name: string, value: Stored) => {
    added.set(name, value);
    return value;
  };
  return {
    get(key) {
      const name = JSON.stringify(key);
      const known = added.get(name) ?? fromPack(packed.get(name), options);
      if (known !== undefined) return known.value;
      const value = files.read(key);
      return value && noted(name, value).value;
    },
    set: (key, value) => files.write(noted(JSON.stringify(key), stored(key, value, options))),
    async pack() {
      if (added.size === 0) return;
      for (const [name, { at, value }] of added) packed.set(name, JSON.stringify({ at, value }));
      added.clear();
      const fresh = [...packed].filter(([, text]) => fromPack(text, options) !== undefined);
      await writeWhole(path, packOf(fresh));
    },
  };
}

type PackedValue = Pick<Stored, "at" | "value">;

function fromPack(text: string | undefined, options: JsonStoreOptions): PackedValue | undefined {
  try {
    const value = text === undefined ? undefined : (JSON.parse(text) as PackedValue);
    return value && isFresh(value.at, options) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The digest of what follows, and a line for each value: its key, a tab, and the rest. JSON has neither tabs nor lines. */
function packOf(values: readonly (readonly [name: string, text: string])[]): string {
  const lines = values.map(([name, text]) => `${name}\t${text}\n`).join("");
  return `${nameOf(lines)}\n${lines}`;
}

/** The text of each value by the JSON of its key; none when the pack is not there, or not as it was written. */
function readPack(path: string): Map<string, string> {
  try {
    const text = readFileSync(path, "utf8");
    const start = text.indexOf("\n") + 1;
    const lines = text.slice(start);
    if (text.slice(0, start - 1) !== nameOf(lines)) return new Map();
    return new Map(
      lines.split("\n").map((line) => {
        const tab = line.indexOf("\t");
        return [line.slice(0, tab), line.slice(tab + 1)];
      }),
    );
  } catch {
    return new Map();
  }
}
