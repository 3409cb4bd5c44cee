import { dirname, join } from "node:path";
import type { Archive, ArchiveEntry } from "../wheel/archive.ts";
import { checkRecord, type MemberSink, type RecordProblem } from "../wheel/check-record.ts";
import type { DistInfo } from "../wheel/dist-info.ts";
import { planLayout, type SchemeKey } from "../wheel/layout.ts";
import { type Disk, writeWhole } from "./disk.ts";

/**
 * Writes the members of a wheel into a new folder, each to `SCHEME/PATH`, while it compares them with RECORD: one pass
 * inflates, hashes and writes. The folder knows nothing of the environment that the files are for.
 * @returns how archive and RECORD differ; if they do, the folder is good for nothing
 * @throws ArtifactError when a member cannot be inflated; what the disk throws
 */
export async function unpackWheel(
  archive: Archive,
  distInfo: DistInfo,
  folder: string,
  disk: Disk,
): Promise<RecordProblem[]> {
  const places = new Map(planLayout(distInfo, archive.entries).map((place) => [place.entry, place]));
  const makeFolder = folderMaker(disk, dirname(folder));
  makeFolder(folder);
  const prepare = (entry: ArchiveEntry) => {
    const place = places.get(entry);
    if (place === undefined) return undefined;
    const path = unpackedPath(folder, place);
    makeFolder(dirname(path));
    return { path, mode: modeOf(place.scheme, entry) };
  };
  const sink: MemberSink = {
    member(entry, bytes) {
      const file = prepare(entry);
      if (file !== undefined) writeWhole(disk, file.path, bytes, file.mode);
    },
    open(entry) {
      const file = prepare(entry);
      if (file === undefined) return { write() {}, close() {} };
      const output = disk.create(file.path, file.mode);
      return { write: (chunk) => disk.write(output, chunk), close: () => disk.close(output) };
    },
  };
  return checkRecord(archive, distInfo, sink);
}

/** Where `unpackWheel` puts a member. */
export function unpackedPath(folder: string, place: { readonly scheme: SchemeKey; readonly path: string }): string {
  return join(folder, place.scheme, ...place.path.split("/"));
}

/** Makes folders, and those above them up to `top`, when they are first asked for. */
function folderMaker(disk: Disk, top: string): (path: string) => void {
  const made = new Set([top]);
  const make = (path: string) => {
    if (made.has(path)) return;
    make(dirname(path));
    disk.makeDirectory(path);
    made.add(path);
  };
  return make;
}

/** What lies in the scripts folder is there to be run, whatever mode the archive gives it; pip does the same. */
function modeOf(scheme: SchemeKey, entry: ArchiveEntry): number {
  return scheme === "scripts" || entry.isExecutable ? 0o777 : 0o666;
}
