import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { inFolder, isThere } from "./settle.ts";
import type { Move } from "./transaction.ts";

/**
 * Folders that leave or arrive whole are moved as one: a package of a thousand files is one step that is done or not
 * done, instead of a thousand, and no empty folders stay behind.
 */

/** Files of one folder in the stage, on their way to the folder where they belong. */
export interface StagedFolder extends Move {
  /** The folder in the stage that stands for a scheme's folder; `from` is it, or lies below it. */
  readonly tree: string;
  readonly names: readonly string[];
}

/**
 * The files, with folders in place of files where everything in a folder leaves.
 * @param shared folders that stay, even empty: those of the schemes, and above them
 */
export function foldDepartures(files: ReadonlySet<string>, shared: ReadonlySet<string>): string[] {
  const whole = new Map<string, boolean>();
  const leavesWhole = (folder: string): boolean => {
    const known = whole.get(folder);
    if (known !== undefined) return known;
    const entries = shared.has(folder) ? undefined : readdirSync(folder, { withFileTypes: true });
    const answer =
      entries?.every((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? leavesWhole(path) : files.has(path);
      }) ?? false;
    whole.set(folder, answer);
    return answer;
  };
  const topmost = (path: string): string => (leavesWhole(dirname(path)) ? topmost(dirname(path)) : path);
  return [...new Set([...files].map(topmost))];
}

/** The steps by which staged files arrive: folders to be made first, parents before children, then moves. */
export interface Arrivals {
  readonly directories: readonly string[];
  readonly moves: readonly Move[];
}

/**
 * The moves, with folders in place of files where a folder is new and all that comes to it is staged in one folder.
 * @param departures what has left before the first arrival
 */
export function foldArrivals(folders: readonly StagedFolder[], departures: readonly string[]): Arrivals {
  const missing = missingFolders(departures);
  const sources = new Map<string, string | "several">();
  for (const folder of folders) noteSource(folder, missing, sources);
  const moves = folders.flatMap((folder) => foldArrival(folder, sources));
  const directories = [...sources].filter(([, source]) => source === "several").map(([folder]) => folder);
  return {
    // A parent's path is shorter than its child's.
    directories: directories.sort((a, b) => a.length - b.length),
    moves: [...new Map(moves.map((move) => [move.to, move])).values()],
  };
}

/** Notes for a missing folder, and those above it, which folder of the stage it would come from. */
function noteSource(
  { tree, from, to }: StagedFolder,
  isMissing: (folder: string) => boolean,
  sources: Map<string, string | "several">,
): void {
  let source: string | "several" = from;
  for (let folder = to; isMissing(folder); folder = dirname(folder)) {
    const other = sources.get(folder);
    if (other === source) return;
    sources.set(folder, other === undefined ? source : "several");
    // Above its tree the stage has nothing that corresponds.
    source = source === "several" || source === tree || other !== undefined ? "several" : dirname(source);
  }
}

function foldArrival({ from, to, names }: StagedFolder, sources: ReadonlyMap<string, string | "several">): Move[] {
  const isWhole = (folder: string) => (sources.get(folder) ?? "several") !== "several";
  if (!isWhole(to)) return names.map((name) => ({ from: inFolder(from, name), to: inFolder(to, name) }));
  // Below a folder that comes from one place, everything does.
  const topmost = (move: Move): Move =>
    isWhole(dirname(move.to)) ? topmost({ from: dirname(move.from), to: dirname(move.to) }) : move;
  return [topmost({ from, to })];
}

/** Tells whether a folder will have to come or be made: it is not there, or leaves. */
function missingFolders(departures: readonly string[]): (folder: string) => boolean {
  const leaving = new Set(departures);
  const known = new Map<string, boolean>();
  const isMissing = (folder: string): boolean => {
    const answer = known.get(folder) ?? (leaving.has(folder) || isMissingParent(folder) || !isThere(folder));
    known.set(folder, answer);
    return answer;
  };
  const isMissingParent = (folder: string) => dirname(folder) !== folder && isMissing(dirname(folder));
  return isMissing;
}
