import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EnvironmentError, messageOf } from "../errors.ts";
import type { Disk } from "../unpack/disk.ts";
import type { Processes } from "../unpack/quarantine.ts";
import { ownPrefix } from "../wheel/protected-paths.ts";

/** A symbolic link to the number of the process that holds it: unlike a file, it is never there without its contents. */
const lockName = `${ownPrefix}lock`;
/** Held, for an instant, by who removes the lock of a process that is gone: two at once would remove a third's. */
const breakingName = `${ownPrefix}lock-breaking`;

const waitMs = 50;
const longestWaitMs = 10 * 60_000;
/** Nobody holds it that long but a process that was killed in that instant. */
const longestBreakingMs = 30_000;

/**
 * Waits until no other process writes to the environment. A lock whose process is gone is taken over. Disposing
 * releases it.
 * @param onWait called once when there is something to wait for
 * @throws EnvironmentError `environment-locked` after ten minutes; `cannot-write`
 */
export async function lockEnvironment(
  root: string,
  processes: Processes,
  disk: Disk,
  onWait: () => void,
): Promise<Disposable> {
  const path = join(root, lockName);
  for (let waited = 0; waited < longestWaitMs; waited += waitMs) {
    try {
      if (tryLock(root, processes, disk)) return { [Symbol.dispose]: () => release(path, disk) };
    } catch (error) {
      throw new EnvironmentError("cannot-write", `Cannot write to "${root}": ${messageOf(error)}`, { cause: error });
    }
    if (waited === 0) onWait();
    await sleep(waitMs);
  }
  throw new EnvironmentError("environment-locked", `Another process has been writing to "${root}" for long`, {
    hint: `If there is none, remove "${path}"`,
  });
}

/** A lock that cannot be removed is that of a process that is gone, soon. */
function release(path: string, disk: Disk): void {
  try {
    disk.removeFile(path);
  } catch {
    // See above.
  }
}

function tryLock(root: string, processes: Processes, disk: Disk): boolean {
  const path = join(root, lockName);
  if (tryCreate(path, processes, disk)) return true;
  if (isHeld(path, processes)) return false;
  breakLock(root, processes, disk);
  return tryCreate(path, processes, disk);
}

/** Creating what must not be there is the one step that only one process can make. */
function tryCreate(path: string, { pid }: Processes, disk: Disk): boolean {
  try {
    disk.createLink(String(pid), path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Between the look that found the process gone and now, somebody else may have taken the lock: looks once more. */
function breakLock(root: string, processes: Processes, disk: Disk): void {
  const breaking = join(root, breakingName);
  if (!tryCreate(breaking, processes, disk)) {
    if (!isHeld(breaking, processes) || ageMs(breaking) > longestBreakingMs) disk.removeFile(breaking);
    return;
  }
  try {
    const path = join(root, lockName);
    if (!isHeld(path, processes)) disk.removeFile(path);
  } finally {
    disk.removeFile(breaking);
  }
}

/** What is no link is no lock of ours, and in nobody's hands. */
function isHeld(path: string, { isAlive, pid }: Processes): boolean {
  try {
    const holder = Number(readlinkSync(path));
    return holder > 0 && holder !== pid && isAlive(holder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Gone already: there is nothing to break, and the next try creates it.
    if (code === "ENOENT") return true;
    if (code === "EINVAL") return false;
    throw error;
  }
}

function ageMs(path: string): number {
  const made = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return made === undefined ? 0 : Date.now() - made;
}
