import { join } from "node:path";
import { type JsonStore, openJsonStore } from "../memory/json-store.ts";
import { cacheFolder } from "./cache-folder.ts";
import type { Host } from "./host.ts";
import type { Talk } from "./terminal.ts";

/** An index that takes a release back, or quarantines it, is noticed after this time at the latest. */
const maxAgeMs = 24 * 60 * 60 * 1000;

/** What `tspip verify` learnt of locked files; with `--no-cache-dir`, nothing is remembered. */
export function openLockMemory(cacheDir: string | boolean | undefined, talk: Talk, host: Host): JsonStore {
  const folder = cacheFolder(cacheDir, host);
  if (folder === undefined) return { get: () => undefined, set: async () => {} };
  return openJsonStore({
    directory: join(folder, "locked"),
    now: host.now(),
    maxAgeMs,
    owner: host.userId,
    warn: talk.warn,
  });
}
