import { createHmac } from "node:crypto";
import { join, resolve } from "node:path";
import { EnvironmentError, messageOf } from "../../errors.ts";
import { type ArtifactStore, openArtifactStore } from "../../memory/artifact-store.ts";
import { makeFolder } from "../../memory/make-folder.ts";
import { type OwnKey, openOwnKey } from "../../memory/own-key.ts";
import { privacyProblem } from "../../memory/private-folder.ts";
import { openTreeStore, type TreeStore } from "../../memory/tree-store.ts";
import type { Host } from "../host.ts";
import type { Talk } from "../terminal.ts";
import { version } from "../version.ts";
import { baseFolder } from "./base-folder.ts";
import { dataDirectory } from "./trusted-root.ts";

/**
 * Where tspip keeps what later commands can use: `--cache-dir`, `TSPIP_CACHE_DIR`, else the user's cache folder (XDG base
 * directory specification).
 * @param option as commander has it: false for `--no-cache-dir`
 * @returns undefined when nothing is to be kept
 */
export function cacheFolder(option: string | boolean | undefined, { env, homedir, cwd }: Host): string | undefined {
  if (option === false) return undefined;
  if (typeof option === "string") return resolve(cwd, option);
  return resolve(cwd, env.TSPIP_CACHE_DIR || join(baseFolder(env.XDG_CACHE_HOME, join(homedir, ".cache")), "tspip"));
}

/**
 * Makes the cache where the user named it and it is not there. Without one that nobody named, a command has more to do; of
 * one that somebody named, it is a mistake.
 * @throws EnvironmentError `cannot-write`
 */
export function makeNamedCache(option: string | boolean | undefined, host: Host): void {
  const folder = cacheFolder(option, host);
  const isNamed = typeof option === "string" || Boolean(host.env.TSPIP_CACHE_DIR);
  if (folder === undefined || !isNamed) return;
  try {
    makeFolder(folder);
  } catch (error) {
    const why = reasons[(error as NodeJS.ErrnoException).code ?? ""] ?? messageOf(error);
    throw new EnvironmentError("cannot-write", `Cannot make the cache folder "${folder}": ${why}`, {
      cause: error,
      hint: "Name another folder with --cache-dir, or keep nothing with --no-cache-dir",
    });
  }
}

/** What these mean where folders are made. */
const reasons: Readonly<Record<string, string>> = {
  EEXIST: "it is no folder",
  ENOENT: "no folder can be made there",
};

/** The store of admitted artifacts in it; none with `--no-cache-dir`. */
export function artifactStore(option: string | boolean | undefined, host: Host): ArtifactStore | undefined {
  const folder = cacheFolder(option, host);
  if (folder === undefined) return undefined;
  const directory = join(folder, "artifacts");
  return openArtifactStore(directory, () => privacyProblem(directory, host.userId) === undefined);
}

/** The store of unpacked wheels in it; none with `--no-cache-dir`, or where others may write. */
export function treeStore(option: string | boolean | undefined, talk: Talk, host: Host): TreeStore | undefined {
  const folder = cacheFolder(option, host);
  if (folder === undefined) return undefined;
  const directory = join(folder, "trees");
  const problem = privacyProblem(directory, host.userId);
  if (problem === undefined) return openTreeStore(directory, sealKey(host));
  talk.warn(problem);
  return undefined;
}

/** What one version saw says nothing to the next: its checks may be others. */
function sealKey(host: Host): OwnKey | undefined {
  const key = openOwnKey(join(dataDirectory(host), "cache.key"), host.userId);
  return key && { ...key, bytes: createHmac("sha256", key.bytes).update(`tspip ${version}`).digest() };
}

/**
 * The folders in it: admitted artifacts, what was seen of them, what is known of locked files, pages of indexes, unpacked
 * wheels.
 */
export const cacheParts = ["artifacts", "inspected", "locked", "pages", "trees"] as const;
