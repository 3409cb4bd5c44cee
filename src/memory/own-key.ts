import { randomBytes, randomUUID } from "node:crypto";
import { linkSync, lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { privacyProblem } from "./private-folder.ts";

/**
 * A secret of the user's on this machine, kept apart from the cache: what is sealed with it was written here, by the
 * user's own tspip. In a cache that somebody else has filled, no seal holds.
 */
export interface OwnKey {
  readonly bytes: Buffer;
  /** Keeps a key that is new. Never fails: without it, nothing is recognised later. */
  save(): void;
}

const keyLength = 32;

/** Reads the key, or makes one. @returns undefined where there can be none, or others may read or change it */
export function openOwnKey(path: string, owner: number | undefined): OwnKey | undefined {
  if (privacyProblem(dirname(path), owner) !== undefined) return undefined;
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return newKey(path);
    const isOwn = stats.isFile() && stats.size === keyLength && (owner === undefined || isPrivate(stats, owner));
    return isOwn ? { bytes: readFileSync(path), save() {} } : undefined;
  } catch {
    return undefined;
  }
}

function isPrivate({ mode, uid }: { readonly mode: number; readonly uid: number }, owner: number): boolean {
  return uid === owner && (mode & 0o077) === 0;
}

function newKey(path: string): OwnKey {
  const bytes = randomBytes(keyLength);
  return { bytes, save: () => writeKey(path, bytes) };
}

/** Whole or not at all, and never in the place of another process's. */
function writeKey(path: string, bytes: Buffer): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    makeFolder(dirname(path));
    writeFileSync(temporary, bytes, { mode: 0o600, flag: "wx" });
    linkSync(temporary, path);
  } catch {
    // See above.
  } finally {
    rmSync(temporary, { force: true });
  }
}
