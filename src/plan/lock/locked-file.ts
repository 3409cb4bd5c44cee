import { parseFilename } from "../../distribution/filename.ts";
import type { ProjectName } from "../../distribution/project-name.ts";
import { ArtifactError, UsageError } from "../../errors.ts";
import type { LockedDetails, LockedFile } from "../lock-file.ts";
import type { LockTable } from "./lock-table.ts";

/** The file name at the end of a URL or path, as text. @throws URIError where its percent-encoding is none */
export function fileNameIn(location: string): string {
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
 * source distribution by their name are left out: nothing could be installed from them. A wheel that is not understood is
 * a mistake, as other installers may take that one.
 */
export function lockedFiles(
  tables: readonly LockTable[],
  name: ProjectName,
  { base, direct }: LocationRules = {},
): LockedFile[] {
  const files: LockedFile[] = [];
  for (const table of tables) {
    const location = table.string("path") ?? table.string("url");
    const text = nameOf(table, direct);
    const filename = filenameOf(text);
    if (filename === undefined && !text.endsWith(".whl")) continue;
    if (filename === undefined || table.has("zstd")) return table.fail(`"${text}" is no wheel that tspip understands`);
    const pins = table.hash("hash");
    if (pins.length === 0) return table.fail(`"${text}" has no sha256, sha384 or sha512`);
    if (filename.name !== name) table.fail(`package "${name}" lists "${filename.text}", a file of another project`);
    const details = (): LockedDetails => {
      const url = locationOf(table, base) ?? direct?.();
      const size = table.number("size");
      return { ...(url && { url }), ...(size !== undefined && { size }) };
    };
    files.push({ filename, pins, hasUrl: (location ?? direct) !== undefined, details });
  }
  if (tables[0] !== undefined) refuseTwice(files, tables[0]);
  return files;
}

/** Of a file that is listed twice with different digests, installers differ in which they take. @throws UsageError */
export function refuseTwice(files: readonly LockedFile[], table: LockTable): void {
  const seen = new Map<string, LockedFile["pins"]>();
  for (const { filename, pins } of files) {
    const earlier = seen.get(filename.text);
    if (earlier !== undefined && JSON.stringify(earlier) !== JSON.stringify(pins))
      table.fail(`it lists "${filename.text}" twice`);
    seen.set(filename.text, pins);
  }
}

/** Each of the places that name the file has to name the same one: tools differ in which of them they go by. */
function nameOf(table: LockTable, direct: LocationRules["direct"]): string {
  let name = direct === undefined ? undefined : segmentOf(direct().pathname, table);
  for (const key of ["file", "filename", "path", "url"]) {
    const place = table.string(key);
    if (place === undefined) continue;
    const other = segmentOf(place, table);
    name ??= other;
    if (name !== other) table.fail(`one file is called "${name}" and "${other}"`);
  }
  return name ?? "";
}

function segmentOf(place: string, table: LockTable): string {
  return place.includes("%") ? table.attempt("url", () => fileNameIn(place)) : fileNameIn(place);
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
