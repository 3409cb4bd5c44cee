import { dirname, join, sep } from "node:path";
import type { Archive, ArchiveEntry } from "../wheel/archive.ts";
import { checkRecord, type MemberSink, type RecordProblem, type ShareOf } from "../wheel/check-record.ts";
import type { DistInfo } from "../wheel/dist-info.ts";
import type { EntryPoint } from "../wheel/entry-points.ts";
import type { Placement, SchemeKey } from "../wheel/placement.ts";
import type { RecordRow } from "../wheel/record.ts";
import { type Disk, writeWhole } from "./disk.ts";
import { type StoredTree, storedFiles, umaskSeen, type WantedFile } from "./stored-tree.ts";

/** A wheel that has one reading. */
export interface OpenWheel {
  readonly archive: Archive;
  readonly distInfo: DistInfo;
  readonly layout: readonly Placement[];
}

/** A wheel as files of a folder, and what installing needs to know of it besides. Plain data: threads may hand it on. */
export interface UnpackedWheel {
  /** Holds each member at `SCHEME/PATH`. It knows nothing of the environment that the files are for. */
  readonly folder: string;
  /** As METADATA writes it. */
  readonly name: string;
  /** Name of the `.dist-info` folder. */
  readonly distInfo: string;
  /** Where that folder, and all that is in no `.data` folder, goes. */
  readonly root: "purelib" | "platlib";
  /** The scripts to be made. */
  readonly scripts: readonly EntryPoint[];
  readonly members: readonly UnpackedMember[];
}

/** One member that is installed, with the hash that RECORD has for it. */
export interface UnpackedMember {
  readonly scheme: SchemeKey;
  /** Inside the scheme, with `/`. */
  readonly path: string;
  readonly hash: RecordRow["hash"];
  /** Bytes. */
  readonly size: number;
  /** Whether the archive marks the file as executable. */
  readonly isExecutable: boolean;
}

/** How a wheel differs from its RECORD, and the folder it was unpacked into: good for nothing if it does. */
export interface Unpacking {
  readonly problems: readonly RecordProblem[];
  readonly unpacked: UnpackedWheel;
  /** Whether every file came from the stored tree, where there is one. */
  readonly isReused?: boolean;
}

/**
 * Writes the members of a wheel into a new folder while it compares them with RECORD: one pass inflates, hashes and
 * writes.
 * @param stored this wheel, unpacked before: members are taken from there as far as they match RECORD, and not inflated
 * @param mine the members to be unpacked, where others unpack the rest
 * @throws ArtifactError when a member cannot be inflated; what the disk throws
 */
export async function unpackWheel(
  { archive, distInfo, layout }: OpenWheel,
  folder: string,
  disk: Disk,
  stored?: StoredTree,
  mine?: ShareOf,
): Promise<Unpacking> {
  const places = new Map(layout.map((place) => [place.entry, place]));
  const pathOf = pathsIn(folder, disk, mine !== undefined);
  const prepare = (entry: ArchiveEntry) => {
    const place = places.get(entry);
    return place && { path: pathOf(place), mode: modeOf(place.scheme, entry.isExecutable) };
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
  let isReused = true;
  const reuse = stored === undefined ? undefined : reuser(stored, folder, disk);
  const reusing: MemberSink = {
    ...sink,
    ...(reuse && {
      reuse(entry, expected) {
        const place = places.get(entry);
        const file = place && prepare(entry);
        if (place === undefined || file === undefined) return false;
        const isTaken = reuse(place, { ...expected, ...file, size: entry.size });
        isReused &&= isTaken;
        return isTaken;
      },
    }),
  };
  const problems = await checkRecord(archive, distInfo, reusing, mine);
  return { problems, unpacked: describe(distInfo, layout, folder), ...(stored && { isReused }) };
}

/** Takes files of a stored tree into a folder that was just made. */
function reuser(stored: StoredTree, folder: string, disk: Disk) {
  const files = storedFiles(stored, disk);
  const umask = umaskSeen(folder);
  return (place: Placement, wanted: WantedFile) =>
    files.take(unpackedPath(stored.folder, place), { ...wanted, mode: wanted.mode & ~umask });
}

function describe(
  { metadata, directory, wheel, scripts, record }: DistInfo,
  layout: readonly Placement[],
  folder: string,
): UnpackedWheel {
  const hashes = new Map(record.map(({ path, hash }) => [path, hash]));
  return {
    folder,
    name: metadata.name,
    distInfo: directory,
    root: wheel.rootIsPurelib ? "purelib" : "platlib",
    scripts,
    members: layout.map(({ entry, scheme, path }) => ({
      scheme,
      path,
      hash: hashes.get(entry.path),
      size: entry.size,
      isExecutable: entry.isExecutable,
    })),
  };
}

/**
 * As `unpackedPath`, of a new folder; the folders in it are made.
 * @param isShared whether others make them too
 */
export function pathsIn(folder: string, disk: Disk, isShared = false): (place: MemberPlace) => string {
  const makeFolder = folderMaker(disk, dirname(folder), isShared);
  makeFolder(folder);
  return pathsBelow(folder, makeFolder);
}

/** As `unpackedPath`, of many members. @param enter called for each folder of theirs, before its first member */
export function pathsBelow(folder: string, enter = (_: string) => {}): (place: MemberPlace) => string {
  // Members of one folder mostly come one after the other.
  let [last, above] = ["", folder];
  return ({ scheme, path }) => {
    const member = `${scheme}/${path}`;
    const end = member.lastIndexOf("/");
    const inside = member.slice(0, end);
    if (inside !== last) {
      [last, above] = [inside, join(folder, inside)];
      enter(above);
    }
    return above + sep + member.slice(end + 1);
  };
}

type MemberPlace = Pick<Placement, "scheme" | "path">;

/** Where `unpackWheel` puts a member. */
export function unpackedPath(folder: string, place: MemberPlace): string {
  return join(folder, place.scheme, place.path);
}

/** Makes folders, and those above them up to `top`, when they are first asked for. */
function folderMaker(disk: Disk, top: string, isShared: boolean): (path: string) => void {
  const made = new Set([top]);
  const make = (path: string) => {
    if (made.has(path)) return;
    make(dirname(path));
    try {
      disk.makeDirectory(path);
    } catch (error) {
      if (!isShared || (error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    made.add(path);
  };
  return make;
}

/** What lies in the scripts folder is there to be run, whatever mode the archive gives it; pip does the same. */
export function modeOf(scheme: SchemeKey, isExecutable: boolean): number {
  return scheme === "scripts" || isExecutable ? 0o777 : 0o666;
}
