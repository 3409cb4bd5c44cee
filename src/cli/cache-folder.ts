import { join, resolve } from "node:path";
import { type ArtifactStore, openArtifactStore } from "../memory/artifact-store.ts";
import type { Host } from "./host.ts";

/**
 * Where tspip keeps what later commands can use: `--cache-dir`, `TSPIP_CACHE_DIR`, else the user's cache folder (XDG base
 * directory specification).
 * @param option as commander has it: false for `--no-cache-dir`
 * @returns undefined when nothing is to be kept
 */
export function cacheFolder(option: string | boolean | undefined, { env, homedir, cwd }: Host): string | undefined {
  if (option === false) return undefined;
  if (typeof option === "string") return resolve(cwd, option);
  return resolve(cwd, env.TSPIP_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir, ".cache"), "tspip"));
}

/** The store of admitted artifacts in it; none with `--no-cache-dir`. */
export function artifactStore(option: string | boolean | undefined, host: Host): ArtifactStore | undefined {
  const folder = cacheFolder(option, host);
  return folder === undefined ? undefined : openArtifactStore(join(folder, "artifacts"));
}

/** The folders in it: admitted artifacts, and what is known of locked files. */
export const cacheParts = ["artifacts", "locked"] as const;
