import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** Flags to read a file: a pipe in place of it would keep us waiting for somebody who writes to it. */
export const withoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A regular file of this machine. */
export interface SmallFile {
  /** In all. */
  readonly size: number;
  /** Absent where there are more than were asked for. */
  readonly bytes?: Buffer;
}

/**
 * Reads a file of at most `limit` bytes, at once: to wait for a thread takes longer than to read so little. What is read
 * is what was looked at, whoever changes names meanwhile.
 * @throws Error when it is no regular file, or cannot be read
 */
export function readSmall(path: string, limit: number): SmallFile {
  const file = openSync(path, withoutWaiting);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Error("it is no regular file");
    const { size } = stats;
    return size > limit ? { size } : { size, bytes: readWhole(file, size) };
  } finally {
    closeSync(file);
  }
}

/**
 * In memory of their own: Node.js cuts small buffers from blocks of 64 KiB, and a block lives as long as any piece of it,
 * and crosses to threads as a whole.
 * @returns less than `size` bytes where the file has become shorter
 */
function readWhole(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let done = 0;
  for (let count = -1; done < size && count !== 0; done += count)
    count = readSync(file, bytes, done, size - done, null);
  return done < size ? Buffer.from(bytes.subarray(0, done)) : bytes;
}
