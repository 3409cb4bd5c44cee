import { randomUUID } from "node:crypto";
import { constants, copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "./make-folder.ts";
import type { OwnKey } from "./own-key.ts";

/** How files get from one place to another: as copies, by reference where the file system can, or as hard links. */
export type LinkMode = "copy" | "hardlink";

/**
 * Unpacked wheels by the SHA-256 of their archives, in a folder of the user's. Nothing in it is trusted: whoever takes a
 * file out compares it with RECORD once more. What cannot be read or written is a miss and nothing else.
 */
export interface TreeStore {
  /** Where the tree of an archive is, if there is one. */
  find(sha256: string): string | undefined;
  /** Where it is to be kept, for `keepTree`. */
  place(sha256: string): string;
  /** Removes a tree that is not what was kept. */
  discard(sha256: string): void;
  /** Seals what is kept beside trees; absent where the user can have none. */
  readonly key?: OwnKey | undefined;
}

/** @param directory private, and there */
export function openTreeStore(directory: string, key?: OwnKey): TreeStore {
  const place = (sha256: string) => join(directory, sha256.slice(0, 2), sha256);
  return {
    place,
    key,
    find: (sha256) => (existsSync(place(sha256)) ? place(sha256) : undefined),
    discard(sha256) {
      try {
        rmSync(place(sha256), { recursive: true, force: true });
      } catch {
        // What differs is noticed next time as well.
      }
    },
  };
}

/** Keeps a tree that nobody writes to meanwhile, in place of what may be there. Synchronous, for threads of their own. */
export function keepTree(tree: string, place: string, mode: LinkMode): void {
  const temporary = `${place}.${randomUUID()}`;
  try {
    makeFolder(dirname(place));
    copyTree(tree, temporary, mode);
    rmSync(place, { recursive: true, force: true });
    renameSync(temporary, place);
  } catch {
    // Another process may have been quicker; a full disk is no reason to fail.
    rmSync(temporary, { recursive: true, force: true });
  }
}

function copyTree(from: string, to: string, mode: LinkMode): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target, mode);
    else if (mode === "hardlink") linkOrCopy(source, target);
    else copyFileSync(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}

/** Links do not lead to another file system. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}
