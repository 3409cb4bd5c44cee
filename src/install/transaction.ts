import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";
import { type Disk, writeWhole } from "../unpack/disk.ts";
import { isThere } from "./settle.ts";
import { committedName, journalName, removeIfEmpty, removeStage } from "./stage-folder.ts";
import type { WrittenPlace } from "./writing.ts";

/**
 * What a transaction will do to an environment or a folder of downloads, known before it does anything. Written to the
 * stage as its journal, so that whoever comes after a crash can tell what was done: something is moved when its source
 * is gone.
 */
export interface Journal {
  /** Files and folders of versions that are replaced or removed: from where they are to the stage. */
  readonly departures: readonly Move[];
  /** Directories to be made, parents first. */
  readonly directories: readonly string[];
  /** New files and folders: from the stage to where they belong, where nothing is by then. */
  readonly arrivals: readonly Move[];
}

export interface Move {
  readonly from: string;
  readonly to: string;
}

export interface Transaction {
  readonly journal: Journal;
  /** The folder with the new files; it is removed at the end. */
  readonly stage: string;
  /** What it changes. */
  readonly place: WrittenPlace;
}

/**
 * Does what the journal says, all of it or nothing. When a step fails, what was done is undone and the error thrown.
 *
 * The journal and every folder that changes are forced to the disk, the contents of new files are not: a process that
 * is killed loses nothing, and forcing thousands of small files out one by one takes longer than all the rest. After a
 * power cut RECORD tells which files are whole.
 * @throws EnvironmentError `cannot-write`, `cannot-undo`
 */
export function apply(transaction: Transaction, disk: Disk): void {
  const { journal, stage } = transaction;
  const { departures, directories, arrivals } = journal;
  try {
    writeWhole(disk, join(stage, journalName), Buffer.from(JSON.stringify(journal)));
    for (const path of [join(stage, journalName), stage, dirname(stage)]) disk.sync(path);
    for (const { from, to } of departures) disk.rename(from, to);
    for (const path of directories) disk.makeDirectory(path);
    for (const move of arrivals) arrive(move, disk);
    for (const folder of changedFolders(journal)) disk.sync(folder);
    // From here on the new state holds, whatever happens to the rest.
    disk.rename(join(stage, journalName), join(stage, committedName));
  } catch (error) {
    throw undone(transaction, disk, error);
  }
  clearAway(stage, disk);
}

/** Renaming would overwrite: that nothing was there when the plan was made is looked at once more. */
function arrive({ from, to }: Move, disk: Disk): void {
  if (isThere(to)) throw new Error(`"${to}" has come to be there in the meantime`);
  disk.rename(from, to);
}

function changedFolders({ departures, directories, arrivals }: Journal): Set<string> {
  const paths = [...departures.map(({ from }) => from), ...directories, ...arrivals.map(({ to }) => to)];
  return new Set(paths.map((path) => dirname(path)).filter((folder) => existsSync(folder)));
}

function undone({ journal, stage, place }: Transaction, disk: Disk, cause: unknown): EnvironmentError {
  try {
    rollBack(journal, disk);
    removeStage(stage, disk);
  } catch (error) {
    const message = `Cannot write to ${place} (${messageOf(cause)}), nor undo what was done: ${messageOf(error)}`;
    return new EnvironmentError("cannot-undo", message, {
      cause,
      hint: "The next command that can write will undo it",
    });
  }
  const message = `Cannot write to ${place}, nothing was changed: ${messageOf(cause)}`;
  return new EnvironmentError("cannot-write", message, { cause });
}

/** Undoes what was done of a journal, by moving back. May be called again when it was broken off. */
export function rollBack({ departures, directories, arrivals }: Journal, disk: Disk): void {
  for (const { from, to } of arrivals.toReversed()) {
    if (!isThere(from) && isThere(to)) disk.rename(to, from);
  }
  for (const path of directories.toReversed()) removeIfEmpty(path, disk);
  for (const { from, to } of departures.toReversed()) {
    if (isThere(to)) disk.rename(to, from);
  }
}

/** What was installed is installed: a stage that cannot be removed now goes with the next command. */
function clearAway(stage: string, disk: Disk): void {
  try {
    removeStage(stage, disk);
  } catch {
    // See above.
  }
}
