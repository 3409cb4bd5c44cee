import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EnvironmentError } from "../errors.ts";
import type { Disk } from "../unpack/disk.ts";
import { createSettler, isBelow } from "./settle.ts";
import { committedName, journalName, removeStage, stagePrefix } from "./stage-folder.ts";
import { type Journal, type Move, rollBack } from "./transaction.ts";

/**
 * Repairs what transactions that were killed have left in a folder: those that were complete are finished, the others
 * undone. Only to be called with the folder's lock held.
 * @param mayChange whether a settled path is one that transactions in this folder move or make
 * @returns what was done, for people
 * @throws EnvironmentError `journal-invalid`
 */
export function recover(folder: string, mayChange: MayChange, disk: Disk): string[] {
  const root = createSettler().folder(folder);
  const stages = existsSync(root) ? readdirSync(root, { withFileTypes: true }) : [];
  return stages
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(stagePrefix))
    .map(({ name }) => recoverStage(join(root, name), mayChange, disk));
}

type MayChange = (path: string) => boolean;

function recoverStage(stage: string, mayChange: MayChange, disk: Disk): string {
  if (existsSync(join(stage, committedName))) {
    removeStage(stage, disk);
    return `Finished a transaction that was broken off at its end ("${stage}")`;
  }
  const journal = readJournal(join(stage, journalName));
  if (journal === undefined) {
    removeStage(stage, disk);
    return `Removed what a transaction that was broken off had prepared in "${stage}"`;
  }
  checkJournal(journal, stage, mayChange);
  rollBack(journal, disk);
  removeStage(stage, disk);
  return `Undid a transaction that was broken off in the middle ("${stage}"): all is as it was before`;
}

/** A journal that is not whole was never acted on: it is on the disk before the first move. */
function readJournal(path: string): Journal | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const journal: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isJournal(journal) ? journal : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isJournal(value: unknown): value is Journal {
  const { departures, directories, arrivals } = (value ?? {}) as Record<keyof Journal, unknown>;
  return (
    [departures, arrivals].every((moves) => Array.isArray(moves) && moves.every(isMove)) &&
    Array.isArray(directories) &&
    directories.every((path) => typeof path === "string")
  );
}

function isMove(value: unknown): value is Move {
  const { from, to } = (value ?? {}) as Record<keyof Move, unknown>;
  return typeof from === "string" && typeof to === "string";
}

/**
 * A journal has us move files, and other installers put into an environment whatever a wheel brings: only moves between
 * the stage and what we change ourselves are ours.
 */
function checkJournal({ departures, directories, arrivals }: Journal, stage: string, mayChange: MayChange): void {
  const settler = createSettler();
  const isSettled = (path: string) => settler.path(path) === path;
  const isOfStage = (path: string) => isSettled(path) && isBelow(settler.folder(stage), path);
  const isChangeable = (path: string) => isSettled(path) && mayChange(path);
  const isOurs =
    departures.every(({ from, to }) => isChangeable(from) && isOfStage(to)) &&
    directories.every(isChangeable) &&
    arrivals.every(({ from, to }) => isOfStage(from) && isChangeable(to));
  if (isOurs) return;
  throw new EnvironmentError("journal-invalid", `"${stage}" says what to move where, and tspip did not write that`, {
    hint: `Find out where it comes from, then remove it`,
  });
}
