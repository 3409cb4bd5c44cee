import { parseFilename } from "../../distribution/filename.ts";
import type { ProjectName } from "../../distribution/project-name.ts";
import { ArtifactError, UsageError } from "../../errors.ts";
import type { LockedDetails, LockedFile } from "../lock-file.ts";
import type { LockTable } from "./lock-table.ts";

/** The file name at the end of a URL or path. */
export function lastSegment(location: string): string {
  // A lock has a thousand of them, and of a few only anything is to be taken away.
  const path = /[?#]/.test(location) ? location.replace(/[?#].*$/s, "") : location;
  const segment = path.slice(path.lastIndexOf("/") + 1);
  return segment.includes("%") ? decodeURIComponent(segment) : segment;
}

/** The URLs of packages that are locked to one file, or relative paths of a folder of files. */
export interface LocationRules {
  /** What relative paths start from; the lock file's folder when left out. */
  readonly base?: URL | undefined;
  /** The location of files that name none. */
  readonly direct?: (() => URL) | undefined;
}

/**
 * Entries `{ url | path | file, hash, size, upload-time }`, as uv, poetry and pdm write them. Files that are no wheel or
 * source distribution by their name, or have no digest that counts, are left out: nothing could be installed from them.
 */
export function lockedFiles(
  tables: readonly LockTable[],
  name: ProjectName,
  { base, direct }: LocationRules = {},
): LockedFile[] {
  const files: LockedFile[] = [];
  for (const table of tables) {
    const location = table.string("path") ?? table.string("url");
    const named = table.string("file") ?? table.string("filename");
    const text = named ?? (location === undefined ? direct?.().pathname : location) ?? "";
    const filename = filenameOf(text.includes("%") ? table.attempt("url", () => lastSegment(text)) : lastSegment(text));
    const pins = table.hash("hash");
    if (filename === undefined || pins.length === 0) continue;
    if (filename.name !== name) table.fail(`package "${name}" lists "${filename.text}", a file of another project`);
    const details = (): LockedDetails => {
      const url = locationOf(table, base) ?? direct?.();
      const size = table.number("size");
      return { ...(url && { url }), ...(size !== undefined && { size }) };
    };
    files.push({ filename, pins, hasUrl: (location ?? direct) !== undefined, details });
  }
  return files;
}

function locationOf(table: LockTable, base: URL | undefined): URL | undefined {
  const path = table.string("path");
  if (path === undefined) return table.parsed("url", (url) => new URL(url, base));
  return base === undefined ? table.fileUrl(path) : table.attempt("path", () => new URL(encodeURI(path), base));
}

function filenameOf(text: string): LockedFile["filename"] | undefined {
  try {
    return parseFilename(text);
  } catch (error) {
    if (error instanceof ArtifactError || error instanceof UsageError) return undefined;
    throw error;
  }
}
