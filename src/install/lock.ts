import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EnvironmentError } from "../errors.ts";
import { type Disk, writeWhole } from "./disk.ts";

const lockName = ".tspip-lock";
const waitMs = 100;
const longestWaitMs = 10 * 60_000;

/** What locking needs to know of processes. */
export interface Processes {
  readonly pid: number;
  isAlive(pid: number): boolean;
}

/**
 * Waits until no other process writes to the environment. A lock whose process is gone is taken over. Disposing
 * releases it.
 * @param onWait called once when there is something to wait for
 * @throws EnvironmentError `environment-locked` after ten minutes
 */
export async function lockEnvironment(
  root: string,
  processes: Processes,
  disk: Disk,
  onWait: () => void,
): Promise<Disposable> {
  const path = join(root, lockName);
  for (let waited = 0; waited < longestWaitMs; waited += waitMs) {
    if (tryLock(path, processes, disk)) return { [Symbol.dispose]: () => disk.removeFile(path) };
    if (waited === 0) onWait();
    await sleep(waitMs);
  }
  throw new EnvironmentError("environment-locked", `Another process has been writing to "${root}" for long`, {
    hint: `If there is none, remove "${path}"`,
  });
}

function tryLock(path: string, processes: Processes, disk: Disk): boolean {
  try {
    writeWhole(disk, path, Buffer.from(String(processes.pid)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (isHeld(path, processes)) return false;
  disk.removeFile(path);
  return false;
}

/** A lock without a number was just created, or its writer was killed at once: the next look will tell. */
function isHeld(path: string, { isAlive, pid }: Processes): boolean {
  try {
    const holder = Number(readFileSync(path, "utf8"));
    return holder !== pid && (holder === 0 || isAlive(holder));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}
