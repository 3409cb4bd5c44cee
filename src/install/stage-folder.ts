import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Disk } from "../unpack/disk.ts";
import { ownPrefix } from "../wheel/protected-paths.ts";

/** Folders of transactions begin with it; a name with a dot is never imported. */
export const stagePrefix = `${ownPrefix}stage-`;

/** Where a transaction writes down what it will do. While this file is there, the transaction counts as not done. */
export const journalName = "journal.json";
/** The journal's name from the moment the transaction counts as done. */
export const committedName = "committed.json";
/** What leaves is kept in this folder until then. */
export const departedName = "old";

/** Makes the folder of a transaction, on the file system of the environment, for nobody else to look into. */
export function makeStage(root: string, disk: Disk): string {
  const stage = join(root, `${stagePrefix}${randomBytes(6).toString("hex")}`);
  disk.makeDirectory(stage, 0o700);
  try {
    disk.makeDirectory(join(stage, departedName));
  } catch (error) {
    disk.removeDirectory(stage);
    throw error;
  }
  return stage;
}

/**
 * Removes a stage of which nothing is wanted any more. The journal goes first: read beside a stage that is half gone, it
 * would have files moved that are where they belong.
 */
export function removeStage(stage: string, disk: Disk): void {
  const journal = join(stage, journalName);
  if (existsSync(journal)) disk.removeFile(journal);
  removeTree(stage, disk);
}

function removeTree(path: string, disk: Disk): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) removeTree(inner, disk);
    else disk.removeFile(inner);
  }
  disk.removeDirectory(path);
}

export function removeIfEmpty(path: string, disk: Disk): void {
  if (existsSync(path) && readdirSync(path).length === 0) disk.removeDirectory(path);
}
