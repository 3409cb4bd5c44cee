import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EnvironmentError, messageOf, TrustError } from "../errors.ts";
import { makeFolder } from "../memory/make-folder.ts";
import { formatTime, parseMembers } from "./members.ts";

/**
 * One file of what is remembered of a keyring from command to command; nothing when there is none yet.
 * @throws TrustError when it is there and cannot be read: to begin anew in silence would forget what was accepted
 */
export async function readState(folder: string, name: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const message = `Cannot read what was accepted of the keyring: ${messageOf(error)}`;
    throw new TrustError("keyring-state-unreadable", message, { cause: error });
  }
}

/** In one step. @throws EnvironmentError */
export async function writeState(folder: string, name: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = join(folder, `.${name}.${randomUUID()}`);
  try {
    makeFolder(folder);
    await writeFile(temporary, bytes);
    await rename(temporary, join(folder, name));
  } catch (error) {
    throw cannotStore(error);
  }
}

/** @throws EnvironmentError */
export function makeStateFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw cannotStore(error);
  }
}

function cannotStore(error: unknown): EnvironmentError {
  const message = `Cannot store what was accepted of the keyring: ${messageOf(error)}`;
  return new EnvironmentError("cannot-write", message, { cause: error });
}

const clockName = "clock.json";
/** Clocks are corrected; nobody corrects one by more. */
const tolerated = 3_600_000;

/**
 * The latest time that was seen. A clock that was set back would make current again what has expired.
 * @throws TrustError `clock-set-back`
 */
export async function checkClock(folder: string, now: Date): Promise<void> {
  const stored = await readState(folder, clockName);
  const seen = stored === undefined ? undefined : parseMembers(stored, clockName, 1000).time("seen");
  if (seen !== undefined && now.getTime() < seen.getTime() - tolerated) {
    throw new TrustError("clock-set-back", `The clock says ${formatTime(now)}, and it was ${formatTime(seen)} before`, {
      hint: `Set the clock right; if it was wrong before, remove "${join(folder, clockName)}"`,
    });
  }
  if (seen === undefined || now > seen) await writeState(folder, clockName, JSON.stringify({ seen: formatTime(now) }));
}
