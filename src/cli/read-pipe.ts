import { closeSync, constants, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** How long to wait before the pipe is asked again. */
const pauseMs = 20;

/**
 * All that comes through a pipe. To read it as a file would keep one of Node.js's threads, which nobody can interrupt and which the
 * process waits for at its end.
 * @throws what the disk throws; the reason of `signal`
 */
export async function readPipe(path: string, signal: AbortSignal): Promise<Buffer> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // That of `<(…)` has its writer from the beginning; who writes to one that has a name may still come.
  const hasWriter = /^\/(?:dev\/(?:fd\/|stdin$)|proc\/)/.test(path);
  const pieces: Buffer[] = [];
  try {
    for (;;) {
      const piece = readPiece(descriptor);
      if (piece !== undefined && piece.length > 0) pieces.push(piece);
      else if (piece !== undefined && (hasWriter || pieces.length > 0)) return Buffer.concat(pieces);
      else await sleep(pauseMs, undefined, { signal });
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Empty where nobody writes any more, nothing where somebody may. */
function readPiece(descriptor: number): Buffer | undefined {
  const piece = Buffer.alloc(64 << 10);
  try {
    return piece.subarray(0, readSync(descriptor, piece));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}
