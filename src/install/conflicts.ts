import { hash } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { EnvironmentError } from "../errors.ts";
import type { RecordRow } from "../wheel/record.ts";
import type { Place } from "./placement.ts";
import { isThere } from "./settle.ts";

/** Where a file is to arrive, and with which distribution. */
export interface Arrival extends Pick<Place, "destination" | "folder"> {
  /** As RECORD has it; absent for files that the installer makes. */
  readonly hash?: FileHash | undefined;
}

type FileHash = NonNullable<RecordRow["hash"]>;

/** What an arrival may meet. */
export interface Surroundings {
  /** Everything that leaves in the same transaction, files and whole folders: that is in nobody's way. */
  readonly departures: readonly string[];
  /** Which distribution that stays owns which file. */
  readonly owners: ReadonlyMap<string, string>;
  isInSchemes(path: string): boolean;
  /** Why no distribution may bring this path. */
  whyProtected(path: string): string | undefined;
}

/** More than these say nothing new. */
const mostShown = 20;

/**
 * Finds everything that arrivals would overwrite, before the first write: files of other distributions, files of
 * nobody's (the interpreter, `pyvenv.cfg`, the user's own), and each other. Distributions may share a file that is the
 * same to the byte, as parts of one project do.
 * @returns the destinations where a shared file is already
 * @throws EnvironmentError `install-conflict`, naming the others
 */
export function checkConflicts(arrivals: readonly Arrival[], surroundings: Surroundings): ReadonlySet<string> {
  const byDestination = new Map(arrivals.map((arrival) => [arrival.destination, arrival]));
  const fileAbove = fileAboveIn(byDestination);
  const isFree = freedom(surroundings.departures);
  const blockedFolder = blockedFolderIn(isFree);
  const shared = new Set<string>();
  const conflicts: string[] = [];
  for (const arrival of arrivals) {
    const { destination, folder } = arrival;
    if (isShared(arrival, surroundings, isFree)) {
      shared.add(destination);
      continue;
    }
    const why =
      meeting(arrival, byDestination, fileAbove) ??
      obstacle(arrival, surroundings, isFree) ??
      blockedFolder(folder.destination);
    if (why !== undefined) conflicts.push(`"${destination}" of "${folder.distribution}" ${why}`);
  }
  if (conflicts.length === 0) return shared;
  const shown = conflicts.slice(0, mostShown);
  if (conflicts.length > shown.length) shown.push(`and ${conflicts.length - shown.length} more`);
  throw new EnvironmentError(
    "install-conflict",
    `Cannot install: files would be overwritten, or come where none may\n  ${shown.join("\n  ")}`,
    { hint: "Uninstall the other distribution, or move the file away, if it is no longer needed" },
  );
}

/** Two files of the plan for one path, or one where another needs a folder. */
function meeting(
  arrival: Arrival,
  byDestination: ReadonlyMap<string, Arrival>,
  fileAbove: (folder: string) => Arrival | undefined,
): string | undefined {
  const last = byDestination.get(arrival.destination);
  if (last !== arrival && last !== undefined && !isSame(last.hash, arrival.hash))
    return `comes with "${last.folder.distribution}" as well`;
  const file = fileAbove(arrival.folder.destination);
  return file && `needs a folder where "${file.folder.distribution}" brings a file, "${file.destination}"`;
}

/** Finds what arrives as a file where a folder, or one above it, should be; folders are looked at once. */
function fileAboveIn(byDestination: ReadonlyMap<string, Arrival>): (folder: string) => Arrival | undefined {
  const known = new Map<string, Arrival | undefined>();
  const find = (folder: string): Arrival | undefined => {
    if (known.has(folder)) return known.get(folder);
    const above = dirname(folder);
    const found = byDestination.get(folder) ?? (above === folder ? undefined : find(above));
    known.set(folder, found);
    return found;
  };
  return find;
}

/** Whether another distribution that stays has this very file there. */
function isShared(
  { destination, folder, hash }: Arrival,
  { owners, isInSchemes, whyProtected }: Surroundings,
  isFree: Freedom,
): boolean {
  if (!owners.has(destination) || hash === undefined || isFree(destination, folder.destination)) return false;
  if (!isInSchemes(destination) || whyProtected(destination) !== undefined) return false;
  return lstatSync(destination).isFile() && isSame(hashOf(destination, hash.algorithm), hash);
}

function hashOf(path: string, algorithm: string): FileHash {
  return { algorithm, digest: hash(algorithm, readFileSync(path), "base64url") };
}

function isSame(a: FileHash | undefined, b: FileHash | undefined): boolean {
  if (a === undefined || b === undefined || a.algorithm !== b.algorithm) return false;
  return a.digest.replace(/=+$/, "") === b.digest.replace(/=+$/, "");
}

function obstacle(
  { destination, folder }: Arrival,
  { owners, isInSchemes, whyProtected }: Surroundings,
  isFree: Freedom,
): string | undefined {
  if (!isInSchemes(destination)) return "lies behind a link that leads out of the environment";
  const why = whyProtected(destination);
  if (why !== undefined) return why;
  if (isFree(destination, folder.destination)) return undefined;
  const owner = owners.get(destination);
  return `is there already, and ${owner === undefined ? "belongs to no distribution" : `it belongs to "${owner}"`}`;
}

/** A path that is free may still have a file where one of its folders should be. Folders are looked at once. */
function blockedFolderIn(isFree: Freedom): (folder: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  const find = (folder: string): string | undefined => {
    if (known.has(folder)) return known.get(folder);
    const above = dirname(folder);
    const why = isFree(folder, above) ? find(above) : blockage(folder);
    known.set(folder, why);
    return why;
  };
  return find;
}

function blockage(folder: string): string | undefined {
  return lstatSync(folder).isDirectory() ? undefined : `needs a folder where a file is, "${folder}"`;
}

/** Tells whether nothing has a path, or nothing will once everything that leaves has left. */
type Freedom = (path: string, folder: string) => boolean;

function freedom(departures: readonly string[]): Freedom {
  const leaving = new Set(departures);
  const freeFolders = new Map<string, boolean>();
  const isFree = (path: string, folder: string) => leaving.has(path) || isFreeFolder(folder) || !isThere(path);
  const isFreeFolder = (folder: string): boolean => {
    const known = freeFolders.get(folder);
    if (known !== undefined) return known;
    const above = dirname(folder);
    const answer = above !== folder && isFree(folder, above);
    freeFolders.set(folder, answer);
    return answer;
  };
  return isFree;
}
