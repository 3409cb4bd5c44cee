import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";
import { type Disk, writeWhole } from "./disk.ts";

/**
 * What a transaction will do to an environment, known before it does anything. Written to the stage as its journal, so
 * that whoever comes after a crash can tell what was done: a file is moved when its source is gone.
 */
export interface Journal {
  /** New files: from the stage to where they belong. */
  readonly arrivals: readonly Move[];
  /** Files of versions that are replaced: from where they are to the stage. */
  readonly departures: readonly Move[];
  /** Directories to be made, parents first. */
  readonly directories: readonly string[];
}

export interface Move {
  readonly from: string;
  readonly to: string;
}

const journalName = "journal.json";
const committedName = "committed";
/** Folders of transactions begin with it; a name with a dot is never imported. */
export const stagePrefix = ".tspip-stage-";

/**
 * Does what the journal says, all of it or nothing. When a step fails, what was done is undone and the error thrown.
 * @param stage the folder with the new files; it is removed at the end
 * @throws EnvironmentError
 */
export function apply(journal: Journal, stage: string, disk: Disk): void {
  try {
    writeWhole(disk, join(stage, journalName), Buffer.from(JSON.stringify(journal)));
    disk.sync(join(stage, journalName));
    disk.sync(stage);
    for (const { from, to } of journal.departures) disk.rename(from, to);
    for (const path of journal.directories) disk.makeDirectory(path);
    for (const { from, to } of journal.arrivals) disk.rename(from, to);
    for (const directory of new Set(journal.arrivals.map(({ to }) => dirname(to)))) disk.sync(directory);
    // From here on the new state holds, whatever happens to the rest.
    writeWhole(disk, join(stage, committedName), Buffer.alloc(0));
  } catch (error) {
    throw undone(journal, stage, disk, error);
  }
  finish(journal, stage, disk);
}

function undone(journal: Journal, stage: string, disk: Disk, cause: unknown): EnvironmentError {
  try {
    rollBack(journal, disk);
    discard(stage, disk);
  } catch (error) {
    const message = `Cannot write to the environment (${messageOf(cause)}), nor undo what was done: ${messageOf(error)}`;
    return new EnvironmentError("cannot-undo", message, {
      cause,
      hint: "The next command that can write will undo it",
    });
  }
  return new EnvironmentError(
    "cannot-write",
    `Cannot write to the environment, nothing was changed: ${messageOf(cause)}`,
    { cause },
  );
}

/** Undoes what was done of a journal, by moving back. May be called again when it was broken off. */
function rollBack({ arrivals, departures, directories }: Journal, disk: Disk): void {
  for (const { from, to } of arrivals.toReversed()) {
    if (!existsSync(from) && existsSync(to)) disk.rename(to, from);
  }
  for (const path of directories.toReversed()) removeIfEmpty(path, disk);
  for (const { from, to } of departures.toReversed()) {
    if (existsSync(to)) disk.rename(to, from);
  }
}

/** Clears away what the old state leaves behind. */
function finish({ departures }: Journal, stage: string, disk: Disk): void {
  const emptied = new Set(departures.map(({ from }) => dirname(from)));
  // The deepest first; a folder that another distribution still uses stays.
  for (const folder of [...emptied].sort((a, b) => b.length - a.length)) removeEmptyUpwards(folder, disk);
  discard(stage, disk);
}

/** Removes a stage. The journal goes first: without it, what is left says nothing about the environment. */
function discard(stage: string, disk: Disk): void {
  const journal = join(stage, journalName);
  if (existsSync(journal)) disk.removeFile(journal);
  removeTree(stage, disk);
}

/**
 * Repairs what transactions that were killed have left in `root`: those that were complete are finished, the others
 * undone. Only to be called with the environment's lock held.
 * @returns what was done, for people
 */
export function recover(root: string, disk: Disk): string[] {
  if (!existsSync(root)) return [];
  const stages = readdirSync(root).filter((name) => name.startsWith(stagePrefix));
  return stages.map((name) => recoverStage(join(root, name), disk));
}

function recoverStage(stage: string, disk: Disk): string {
  const journal = readJournal(join(stage, journalName));
  if (journal === undefined) {
    removeTree(stage, disk);
    return `Removed what an install that was broken off had prepared in "${stage}"`;
  }
  if (existsSync(join(stage, committedName))) {
    finish(journal, stage, disk);
    return `Finished an install that was broken off at its end ("${stage}")`;
  }
  rollBack(journal, disk);
  discard(stage, disk);
  return `Undid an install that was broken off in the middle ("${stage}"): the environment is as it was before`;
}

/** A journal that is not whole was never acted on: it is on the disk before the first move. */
function readJournal(path: string): Journal | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Removes a folder of the transaction's own. */
export function removeTree(path: string, disk: Disk): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) removeTree(inner, disk);
    else disk.removeFile(inner);
  }
  disk.removeDirectory(path);
}

function removeIfEmpty(path: string, disk: Disk): boolean {
  if (!existsSync(path) || readdirSync(path).length > 0) return false;
  disk.removeDirectory(path);
  return true;
}

function removeEmptyUpwards(path: string, disk: Disk): void {
  for (let folder = path; removeIfEmpty(folder, disk); ) folder = dirname(folder);
}
