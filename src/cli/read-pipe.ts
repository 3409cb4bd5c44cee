import { closeSync, constants, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** How long to wait before the pipe is asked again. */
const pauseMs = 20;
/** No text that we read is as long, and some programs never stop writing. */
const mostBytes = 64 << 20;

/**
 * All that comes through a pipe, or out of a device. To read it as a file would keep one of Node.js's threads, which nobody can
 * interrupt and which the process waits for at its end.
 * @param isPipe a pipe that has a name, as `mkfifo` makes it, or none, as `<(…)`
 * @throws what the disk throws; the reason of `signal`; Error when it does not end
 */
export async function readPipe(path: string, signal: AbortSignal, isPipe = true): Promise<Buffer> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // That of `<(…)` has its writer from the beginning; who writes to one that has a name may still come.
  const hasWriter = !isPipe || /^\/(?:dev\/(?:fd\/|stdin$)|proc\/)/.test(path);
  const buffer = Buffer.alloc(64 << 10);
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for (;;) {
      const count = readSome(descriptor, buffer);
      if (count === undefined || (count === 0 && !hasWriter && length === 0)) {
        await sleep(pauseMs, undefined, { signal });
        continue;
      }
      if (count === 0) return Buffer.concat(pieces);
      pieces.push(Buffer.from(buffer.subarray(0, count)));
      length += count;
      if (length > mostBytes) throw new Error(`it has not ended after ${mostBytes >> 20} MiB`);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** None where nobody writes any more, nothing where somebody may. */
function readSome(descriptor: number, into: Buffer): number | undefined {
  try {
    return readSync(descriptor, into);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}
