import { join } from "node:path";
import type { InspectionStore } from "../../inspect/inspection-memory.ts";
import { type JsonStore, type JsonStoreOptions, openJsonStore } from "../../memory/json-store.ts";
import { nothingKept, openPackedStore, type PackedStore } from "../../memory/packed-store.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { cacheFolder } from "../settings/cache-folder.ts";
import type { Talk } from "../terminal.ts";

/** An index that takes a release back, or quarantines it, is noticed after this time at the latest. */
const maxAgeMs = 24 * 60 * 60 * 1000;

/**
 * What `tspip verify` learnt of locked files; with `--no-cache-dir`, nothing is remembered.
 * @param lock the path of the lock file, absolute
 */
export function openLockMemory(
  lock: string,
  cacheDir: string | boolean | undefined,
  talk: Talk,
  host: Host,
): PackedStore {
  const options = memoryOptions("locked", cacheDir, talk, host);
  return options === undefined ? nothingKept : openPackedStore(options, lock);
}

/**
 * What inspectors saw of the files that `tspip run` passed on; nothing with `--no-cache-dir`, and where an option says to
 * look at other documents than the policy does, or at all of them once more.
 */
export function openInspectionStore(options: GateSettings, talk: Talk, host: Host): InspectionStore | undefined {
  const { attestations = [], summaries = [], keyring, explain, secondOpinion } = options;
  if (attestations.length + summaries.length > 0 || keyring !== undefined || explain || secondOpinion) return undefined;
  const opened = memoryOptions("inspected", options.cacheDir, talk, host);
  if (opened === undefined) return undefined;
  const memory: JsonStore = openJsonStore(opened);
  return {
    async get(key) {
      const evidence = memory.get([key]);
      return typeof evidence === "string" ? evidence : undefined;
    },
    set: (key, evidence) => memory.set([key], evidence),
  };
}

type GateSettings = Pick<
  GateOptions,
  "cacheDir" | "attestations" | "summaries" | "keyring" | "explain" | "secondOpinion"
>;

function memoryOptions(
  part: string,
  cacheDir: string | boolean | undefined,
  talk: Talk,
  host: Host,
): JsonStoreOptions | undefined {
  const folder = cacheFolder(cacheDir, host);
  if (folder === undefined) return undefined;
  return { directory: join(folder, part), now: host.now(), maxAgeMs, owner: host.userId, warn: talk.warn };
}
