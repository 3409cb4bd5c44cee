import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";

/** A pipe in place of a file would keep us waiting for somebody who writes to it. */
export const readWithoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Bytes. Nothing in an environment that is read whole comes near, and a file with holes takes no disk but all memory. */
const longest = 256 << 20;

/** A regular file as it lies there. */
export interface ReadFile {
  readonly bytes: Buffer;
  readonly stats: Stats;
}

/** @throws Error when it is no regular file, or cannot be read */
export function readRegularFile(path: string): ReadFile {
  const file = openSync(path, readWithoutWaiting);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Error("it is no regular file");
    if (stats.size > longest) throw Object.assign(new Error("it is larger than 256 MiB"), { code: "EFBIG" });
    return { bytes: readFileSync(file), stats };
  } finally {
    closeSync(file);
  }
}

/** The same, and nothing when that cannot be. */
export function readIfRegular(path: string): ReadFile | undefined {
  try {
    return readRegularFile(path);
  } catch {
    return undefined;
  }
}
