import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { sep } from "node:path";

export interface FoundFile {
  readonly path: string;
  /**
   * What it is: a folder, a regular file or link, or what no package brings, as a pipe or a device. `hidden` may not be
   * looked at, or, as a folder, not into.
   */
  readonly kind: "file" | "folder" | "link" | "other" | "hidden";
  readonly mode: number;
  /** The number of the user it belongs to. */
  readonly user: number;
  /** Of what lies beside an interpreter: whether another program is named in it that runs it. */
  readonly isScript?: boolean;
  /** Of the same: whether it is a copy of an interpreter in `home` of pyvenv.cfg. */
  readonly isInterpreter?: boolean;
  /** Where a link leads, with every link on the way followed; undefined when it leads nowhere. */
  readonly link?: { readonly text: string; readonly target: string | undefined };
}

/** What lies in the folders of packages; see Facts. */
interface Walked {
  readonly top: readonly FoundFile[];
  readonly found: ReadonlyMap<string, FoundFile>;
  readonly folders: readonly FoundFile[];
}

/** Everything in the folders, and in theirs. Links are not followed. */
export function walk(sites: readonly string[]): Walked {
  const found = new Map<string, FoundFile>();
  const folders = sites.flatMap((site) => look(site) ?? []);
  const above = folders.length;
  const top = folders.flatMap(({ path }) => listFolder(path));
  sort(top);
  for (let at = above; at < folders.length; at++) sort(listFolder(folders[at]?.path ?? ""));
  return { top, found, folders };

  function sort(files: readonly FoundFile[]): void {
    for (const file of files) {
      if (file.kind === "folder") folders.push(file);
      else found.set(file.path, file);
    }
  }
}

export function listFolder(folder: string): FoundFile[] {
  const names = namesOrNone(folder);
  if (names === undefined) return [hidden(folder)];
  const files: FoundFile[] = [];
  for (const name of names) {
    const file = look(`${folder}${sep}${name}`);
    if (file !== undefined) files.push(file);
  }
  return files;
}

export function namesIn(folder: string): string[] {
  return namesOrNone(folder) ?? [];
}

/** Nothing for a folder that is there and cannot be listed. */
function namesOrNone(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch (error) {
    return isAbsent(error) ? [] : undefined;
  }
}

/** One file; none when it is gone since its folder was listed. */
function look(path: string): FoundFile | undefined {
  try {
    return lookAt(path);
  } catch (error) {
    return isAbsent(error) ? undefined : hidden(path);
  }
}

function lookAt(path: string): FoundFile | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const { mode, uid: user } = stats;
  if (stats.isFile()) return { path, kind: "file", mode, user };
  if (stats.isDirectory()) return { path, kind: "folder", mode, user };
  if (!stats.isSymbolicLink()) return { path, kind: "other", mode, user };
  return { path, kind: "link", mode, user, link: { text: readlinkSync(path), target: targetOf(path) } };
}

/** Where a link leads, with every link on the way followed; nothing when it leads nowhere. */
export function targetOf(link: string): string | undefined {
  try {
    return realpathSync.native(link);
  } catch {
    return undefined;
  }
}

function hidden(path: string): FoundFile {
  return { path, kind: "hidden", mode: 0, user: 0 };
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}
