import { randomUUID } from "node:crypto";
import { constants, statSync } from "node:fs";
import { copyFile, link, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "./make-folder.ts";

/**
 * Artifacts that were admitted, by SHA-256, in a folder of the user's. Nothing in it is trusted: whoever takes bytes out
 * hashes them like any others. What cannot be read or written is a miss and nothing else.
 */
export interface ArtifactStore {
  /** Where it lies, if it may be read there: nobody else may write to it. */
  find(sha256: string): string | undefined;
  /** Puts a copy of it at `path`. @returns whether there was one */
  take(sha256: string, path: string): Promise<boolean>;
  /** Removes what was taken and turned out to be something else. */
  discard(sha256: string): Promise<void>;
  /** Keeps a file that nobody will write to any more. */
  keep(sha256: string, path: string): Promise<void>;
}

/**
 * @param askPrivate whether nobody else may write to the folder: what was hashed there cannot change under us. Asked
 *   once, when something is found there
 */
export function openArtifactStore(directory: string, askPrivate: () => boolean): ArtifactStore {
  let isPrivate: boolean | undefined;
  const pathOf = (sha256: string) => join(directory, sha256.slice(0, 2), sha256);
  return {
    find(sha256) {
      const kept = pathOf(sha256);
      if (!isFile(kept)) return undefined;
      isPrivate ??= askPrivate();
      return isPrivate ? kept : undefined;
    },
    async take(sha256, path) {
      try {
        await copyFile(pathOf(sha256), path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
        return true;
      } catch {
        await rm(path, { force: true });
        return false;
      }
    },
    discard: (sha256) => rm(pathOf(sha256), { recursive: true, force: true }).catch(() => {}),
    async keep(sha256, path) {
      const kept = pathOf(sha256);
      if (path === kept) return;
      const temporary = `${kept}.${randomUUID()}`;
      try {
        if ((await sizeOf(kept)) === (await sizeOf(path))) return;
        makeFolder(dirname(kept));
        await linkOrCopy(path, temporary);
        await rename(temporary, kept);
      } catch {
        await rm(temporary, { force: true }).catch(() => {});
      }
    },
  };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** What was kept and cut off is replaced. */
async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** The private file of a download goes away soon: a link to it costs nothing, where both are on one file system. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}

/** What a folder holds, with all folders below it. */
export interface Usage {
  readonly files: number;
  readonly bytes: number;
}

/** What is not there holds nothing. @throws what the disk throws */
export async function usageOf(directory: string): Promise<Usage> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(ifAbsent);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return { files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

function ifAbsent(error: NodeJS.ErrnoException): [] {
  if (error.code === "ENOENT") return [];
  throw error;
}
