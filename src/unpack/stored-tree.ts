import { createHash, hash } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  openSync,
  readSync,
  statSync,
  unlinkSync,
} from "node:fs";
import type { ExpectedDigest } from "../wheel/check-record.ts";
import { type Disk, writeWhole } from "./disk.ts";

/** A wheel that was unpacked before, in a folder that anybody may have written to since. */
export interface StoredTree {
  /** As `unpackWheel` filled it. */
  readonly folder: string;
  /** Whether its files may become files of the new folder, under a second name, instead of their copies. */
  readonly hardLinks: boolean;
}

/** What a file in its new place has to be. */
export interface WantedFile extends ExpectedDigest {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** With the umask taken away. */
  readonly mode: number;
}

/** Files are read in pieces of this length, so that memory does not depend on them; a thread has one buffer for all. */
const buffer = Buffer.allocUnsafeSlow(1 << 20);

/**
 * Puts stored files in place: as hard links, as copies by reference, or as plain copies, whichever may be and can be. The
 * bytes that are compared with the digest are those in the new place, or are written there; a file that differs is as
 * good as none.
 */
export function storedFiles({ hardLinks }: Pick<StoredTree, "hardLinks">, disk: Disk) {
  const ways = [...(hardLinks ? [linkSync] : []), cloneFile];
  return {
    /** @returns whether the file is in its place */
    take(from: string, wanted: WantedFile): boolean {
      return placeWhole(from, wanted) || copy(from, wanted, disk);
    },
  };

  /** A way that is not open to one file, since the places differ or the file system cannot, is open to none. */
  function placeWhole(from: string, wanted: WantedFile): boolean {
    for (const way of [...ways]) {
      try {
        way(from, wanted.path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
        ways.splice(ways.indexOf(way), 1);
        continue;
      }
      if (isWanted(wanted)) return true;
      unlinkSync(wanted.path);
      return false;
    }
    return false;
  }
}

function cloneFile(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
}

function isWanted(wanted: WantedFile): boolean {
  const stored = openStored(wanted.path, wanted);
  if (stored === undefined) return false;
  try {
    return stored.mode === wanted.mode && digestOf(stored.file, wanted) === wanted.digest;
  } finally {
    closeSync(stored.file);
  }
}

/** Nearly every file fits the buffer, and is hashed in one call: a hasher of its own costs as much as the bytes of most. */
function digestOf(file: number, { size, algorithm }: WantedFile): string {
  if (size <= buffer.length)
    return hash(algorithm, buffer.subarray(0, readSync(file, buffer, 0, size, 0)), "base64url");
  const hasher = createHash(algorithm);
  for (const chunk of chunks(file, size)) hasher.update(chunk);
  return hasher.digest("base64url");
}

/** What is small is compared before it is written; what is large, while. */
function copy(from: string, wanted: WantedFile, disk: Disk): boolean {
  if (wanted.size < buffer.length) {
    const bytes = readSmall(from);
    if (bytes?.length !== wanted.size || hash(wanted.algorithm, bytes, "base64url") !== wanted.digest) return false;
    writeWhole(disk, wanted.path, bytes, wanted.mode);
    return true;
  }
  const stored = openStored(from, wanted);
  if (stored === undefined) return false;
  try {
    return copyLarge(stored.file, wanted, disk);
  } finally {
    closeSync(stored.file);
  }
}

/** @returns the contents, as long as nothing else is read; cut off where they do not fit the buffer */
function readSmall(path: string): Buffer | undefined {
  try {
    const file = openSync(path, readFlags);
    try {
      return buffer.subarray(0, readSync(file, buffer));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function copyLarge(file: number, { path, size, mode, algorithm, digest }: WantedFile, disk: Disk): boolean {
  const hasher = createHash(algorithm);
  const output = disk.create(path, mode);
  try {
    for (const chunk of chunks(file, size)) {
      hasher.update(chunk);
      disk.write(output, chunk);
    }
  } finally {
    disk.close(output);
  }
  if (hasher.digest("base64url") === digest) return true;
  disk.removeFile(path);
  return false;
}

/** What a link leads to is not wanted; and a pipe in the place of a file is not waited for. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file of the wanted size with its permissions, not what a link leads to. */
function openStored(path: string, { size }: WantedFile): { file: number; mode: number } | undefined {
  let file: number;
  try {
    file = openSync(path, readFlags);
  } catch {
    return undefined;
  }
  const stats = fstatSync(file);
  if (stats.isFile() && stats.size === size) return { file, mode: stats.mode & 0o7777 };
  closeSync(file);
  return undefined;
}

function* chunks(file: number, size: number): Generator<Buffer> {
  for (let done = 0; done < size; ) {
    const count = readSync(file, buffer, 0, Math.min(buffer.length, size - done), done);
    if (count === 0) return;
    yield buffer.subarray(0, count);
    done += count;
  }
}

/** What the umask takes from modes, seen on a folder that was just made with all of them. */
export function umaskSeen(folder: string): number {
  return ~statSync(folder).mode & 0o777;
}
