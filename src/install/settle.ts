import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";

/**
 * Gives paths their one form: every folder on the way that is a link is replaced by what it leads to, so that two paths
 * are of one file exactly when they are equal. Folders that are not there yet stay as they are.
 */
export interface Settler {
  /** A link at the end stays itself: moving or removing it does not touch what it leads to. */
  path(path: string): string;
  /** A link at the end is followed. */
  folder(path: string): string;
}

/** One for each look at an environment: it remembers what it found. */
export function createSettler(): Settler {
  const folders = new Map<string, SettledFolder>();
  const settle = (path: string): SettledFolder => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const settled =
      path === dirname(path) ? { path, isThere: true } : settleFolder(settle(dirname(path)), basename(path));
    folders.set(path, settled);
    return settled;
  };
  const folder = (path: string) => settle(path).path;
  return { folder, path: (path) => join(folder(dirname(path)), basename(path)) };
}

interface SettledFolder {
  readonly path: string;
  readonly isThere: boolean;
}

function settleFolder(parent: SettledFolder, name: string): SettledFolder {
  const path = join(parent.path, name);
  // A file in the place of a folder has nothing below it; whoever tries is told so.
  const stats = parent.isThere ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
  if (stats?.isSymbolicLink()) return realFolder(path) ?? { path, isThere: false };
  return { path, isThere: stats?.isDirectory() === true };
}

/** @returns undefined when the link leads nowhere */
function realFolder(link: string): SettledFolder | undefined {
  try {
    return { path: realpathSync.native(link), isThere: true };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
    throw error;
  }
}

/** Whether something has this name, a link that leads nowhere included. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return false;
    throw error;
  }
}

/** Both settled. A folder is not below itself. */
export function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder) && (path[folder.length] === sep || (folder.endsWith(sep) && path !== folder));
}

/** As `join`, of a folder that needs no normalising and one name: an install does it for every file. */
export function inFolder(folder: string, name: string): string {
  return folder.endsWith(sep) ? folder + name : folder + sep + name;
}

/** Whether it is a folder itself, not a link to one. */
export function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
