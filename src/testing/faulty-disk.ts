import { type Disk, realDisk } from "../unpack/disk.ts";

/** What the operating system says when a disk fails. */
class DiskFault extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`${code}: made up by a test`);
    this.code = code;
  }
}

/** Thrown in place of a kill: the code under test must not get to clean up. */
class Killed extends Error {}

export interface FaultyDisk extends Disk {
  /** Operations that were asked for. */
  readonly count: () => number;
}

/**
 * The real disk, whose `failAt`-th operation (from 1) fails with `code`. After `kill` every later operation fails as
 * well, so that nothing can be cleaned up.
 */
export function faultyDisk(failAt: number, code: "ENOSPC" | "EIO" | "EACCES" | "kill"): FaultyDisk {
  let count = 0;
  const guarded =
    <Arguments extends unknown[], Result>(operation: (...given: Arguments) => Result) =>
    (...given: Arguments): Result => {
      count++;
      if (code === "kill" && count >= failAt) throw new Killed();
      if (count === failAt) throw new DiskFault(code);
      return operation(...given);
    };
  return {
    count: () => count,
    makeDirectory: guarded(realDisk.makeDirectory),
    create: guarded(realDisk.create),
    write: guarded(realDisk.write),
    // A file that is open is closed whatever happens: a process that is gone closes its files too.
    close: realDisk.close,
    // What would be forced out to a real disk cannot be told apart here, and takes long.
    sync: guarded(() => {}),
    rename: guarded(realDisk.rename),
    createLink: guarded(realDisk.createLink),
    removeFile: guarded(realDisk.removeFile),
    removeDirectory: guarded(realDisk.removeDirectory),
  };
}
