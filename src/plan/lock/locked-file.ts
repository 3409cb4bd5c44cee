import { parseFilename } from "../../distribution/filename.ts";
import type { ProjectName } from "../../distribution/project-name.ts";
import { ArtifactError, UsageError } from "../../errors.ts";
import type { LockedFile } from "../lock-file.ts";
import type { LockTable } from "./lock-table.ts";

/** The file name at the end of a URL. */
export function lastSegment(url: URL): string {
  return decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
}

/**
 * Entries `{ url | path | file, hash, size, upload-time }`, as uv, poetry and pdm write them. Files that are no wheel or
 * source distribution by their name, or have no digest that counts, are left out: nothing could be installed from them.
 * @param base the folder or page that relative paths start from
 */
export function lockedFiles(tables: readonly LockTable[], name: ProjectName, base?: URL): LockedFile[] {
  return tables.flatMap((table) => {
    const url = locationOf(table, base);
    const filename = filenameOf(table.string("file") ?? table.string("filename") ?? (url && lastSegment(url)) ?? "");
    const pins = table.hash("hash");
    if (filename === undefined || pins.length === 0) return [];
    if (filename.name !== name) table.fail(`package "${name}" lists "${filename.text}", a file of another project`);
    const size = table.number("size");
    const uploadTime = table.date("upload-time");
    return [
      { filename, pins, ...(url && { url }), ...(size !== undefined && { size }), ...(uploadTime && { uploadTime }) },
    ];
  });
}

function locationOf(table: LockTable, base: URL | undefined): URL | undefined {
  const path = table.string("path");
  if (path !== undefined)
    return base === undefined ? table.fileUrl(path) : table.attempt("path", () => new URL(encodeURI(path), base));
  return table.parsed("url", (url) => new URL(url, base));
}

function filenameOf(text: string): LockedFile["filename"] | undefined {
  try {
    return parseFilename(text);
  } catch (error) {
    if (error instanceof ArtifactError || error instanceof UsageError) return undefined;
    throw error;
  }
}
