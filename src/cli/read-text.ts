import { readFileSync, statSync } from "node:fs";
import { messageOf, UsageError } from "../errors.ts";
import type { Host } from "./host.ts";

/**
 * A text that the user named.
 * @param shown what it is, as messages say it: `"requirements.txt"`, `the private key "release.pem"`
 * @param place where it was named, when not on the command line
 * @throws UsageError `no-such-file`
 */
export async function readText(
  path: string,
  shown: string,
  host: Pick<Host, "signal">,
  place?: string,
): Promise<string> {
  return (await readBytes(path, shown, host, place)).toString("utf8");
}

/** The same without taking it for text. @throws UsageError `no-such-file` */
export async function readBytes(
  path: string,
  shown: string,
  host: Pick<Host, "signal">,
  place?: string,
): Promise<Buffer> {
  try {
    return await bytesOf(path, host);
  } catch (error) {
    const where = place === undefined ? "" : `${place}: `;
    throw new UsageError("no-such-file", `${where}Cannot read ${shown}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * What is in a file. A regular one is read at once, which takes less time than loading what reads in the background; a pipe may keep us
 * waiting, and an interruption is to end that. One that never ends is an error.
 * @throws what the disk throws; the reason of `signal`
 */
export async function bytesOf(path: string, { signal }: Pick<Host, "signal">): Promise<Buffer> {
  const stats = statSync(path);
  // What the disk has against a folder, it says.
  return stats.isFile() || stats.isDirectory() ? readFileSync(path) : readOnce(path, signal, stats.isFIFO());
}

/** By the signal of the command that reads. */
const cameThrough = new WeakMap<AbortSignal, Map<string, Promise<Buffer>>>();

/** What comes through a pipe comes once, and a trusted root is asked for by more than one. */
function readOnce(path: string, signal: AbortSignal, isPipe: boolean): Promise<Buffer> {
  const known = cameThrough.get(signal) ?? new Map<string, Promise<Buffer>>();
  cameThrough.set(signal, known);
  const content = known.get(path) ?? import("./read-pipe.ts").then(({ readPipe }) => readPipe(path, signal, isPipe));
  known.set(path, content);
  return content;
}
