import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";
import type { Host } from "./host.ts";

/** How old a folder is at least that may be called left behind. Who shares the temporary folder may not see our processes. */
const dayMs = 86_400_000;

/** Whose folder it is, and whose others are. */
type FolderHost = Pick<Host, "pid" | "isAlive" | "userId" | "now">;

/**
 * Makes a folder for this command, for nobody else to look into. What commands that were killed left beside it goes.
 * @throws EnvironmentError `cannot-write`
 */
export function makeTemporaryFolder(host: FolderHost, around: string = tmpdir()): string {
  try {
    // mkdtemp makes it 0700.
    const path = mkdtempSync(join(around, `tspip-${host.pid}-`));
    sweep(around, host);
    return path;
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot make a temporary folder: ${messageOf(error)}`, { cause: error });
  }
}

function sweep(around: string, host: FolderHost): void {
  try {
    for (const name of readdirSync(around).filter((each) => isLeftBehind(each, around, host)))
      rmSync(join(around, name), { recursive: true, force: true });
  } catch {
    // Some systems let nobody list their temporary folder, and what cannot be removed is in nobody's way.
  }
}

function isLeftBehind(name: string, around: string, { isAlive, userId, now }: FolderHost): boolean {
  const [, pid] = /^tspip-(\d+)-\w{6}$/.exec(name) ?? [];
  if (pid === undefined || isAlive(Number(pid))) return false;
  const found = lstatSync(join(around, name), { throwIfNoEntry: false });
  const isOwn = found?.isDirectory() === true && (userId === undefined || found.uid === userId);
  return isOwn && now().getTime() - found.mtimeMs > dayMs;
}
