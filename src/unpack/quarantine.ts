import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";

/** What may be asked of the machine's processes. */
export interface Processes {
  readonly pid: number;
  isAlive(pid: number): boolean;
}

/**
 * A private folder for what is unpacked and not yet admitted. Disposing removes it with all that is still in it; the
 * quarantine of a process that was killed goes when the next one beside it is opened.
 */
export interface Quarantine extends AsyncDisposable {
  readonly path: string;
}

const prefix = ".tspip-unpack-";

/**
 * @param directory where the contents will go if they are admitted: the quarantine is made in it, or, while it is not
 *   there, in the nearest folder above, so that both are on one file system
 * @throws EnvironmentError `cannot-write`
 */
export async function openQuarantine(directory: string, processes: Processes): Promise<Quarantine> {
  const near = nearestFolder(resolve(directory));
  try {
    await sweep(near, processes);
    // While the environment was not there yet, its quarantine was beside it.
    await sweep(dirname(near), processes).catch(() => {});
    // mkdtemp makes it 0700.
    const path = await mkdtemp(join(near, `${prefix}${processes.pid}-`));
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot write to "${near}": ${messageOf(error)}`, { cause: error });
  }
}

function nearestFolder(directory: string): string {
  return existsSync(directory) ? directory : nearestFolder(dirname(directory));
}

async function sweep(folder: string, { isAlive }: Processes): Promise<void> {
  const names = await readdir(folder);
  const isLeft = (name: string) => name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10));
  await Promise.all(names.filter(isLeft).map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
