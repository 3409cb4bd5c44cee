import { fstatSync, statSync, writeSync } from "node:fs";
import { devNull } from "node:os";
import { isatty } from "node:tty";
import type { Output } from "./host.ts";

/**
 * Writes to a file descriptor, at once. Node's streams for stdout and stderr do the same for files, pipes and terminals,
 * except on Windows, and take a twentieth of a short command's time to make.
 *
 * @param onLost hears once of what could not be written; whatever comes after goes nowhere
 */
export function descriptorOutput(descriptor: 1 | 2, onLost: (error: NodeJS.ErrnoException) => void): Output {
  let isLost = false;
  return {
    get isTTY() {
      return isTerminal(descriptor);
    },
    write(text) {
      if (isLost) return;
      try {
        writeAll(descriptor, Buffer.from(text));
      } catch (error) {
        isLost = true;
        onLost(error as NodeJS.ErrnoException);
      }
    },
  };
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let left = bytes; left.length > 0; ) {
    try {
      left = left.subarray(writeSync(descriptor, left));
    } catch (error) {
      // Whoever started us has made it a pipe that does not wait, and it is full.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 /* ms */);
    }
  }
}

/** Most output goes into a pipe, a file or nowhere: only for what may be a terminal is Node's part for terminals loaded (load-built.cjs). */
function isTerminal(descriptor: number): boolean {
  const file = fstatSync(descriptor);
  if (!file.isCharacterDevice() || file.rdev === statSync(devNull).rdev) return false;
  return isatty(descriptor);
}
