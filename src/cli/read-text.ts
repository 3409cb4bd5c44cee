import { readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { messageOf, UsageError } from "../errors.ts";

/**
 * A text that the user named.
 * @param shown what it is, as messages say it: `"requirements.txt"`, `the private key "release.pem"`
 * @param place where it was named, when not on the command line
 * @throws UsageError `no-such-file`
 */
export function readText(path: string, shown: string, place?: string): Promise<string> {
  return reading(textOf(path), shown, place);
}

/** The same without taking it for text. @throws UsageError `no-such-file` */
export function readBytes(path: string, shown: string, place?: string): Promise<Buffer> {
  return reading(readFile(path), shown, place);
}

async function reading<T>(content: Promise<T>, shown: string, place: string | undefined): Promise<T> {
  try {
    return await content;
  } catch (error) {
    const where = place === undefined ? "" : `${place}: `;
    throw new UsageError("no-such-file", `${where}Cannot read ${shown}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The text of a file. A regular one is read at once, which takes less time than loading what reads in the background; a pipe may keep us
 * waiting, and an interruption is to end that.
 * @throws what the disk throws
 */
export async function textOf(path: string): Promise<string> {
  return statSync(path).isFile() ? readFileSync(path, "utf8") : readFile(path, "utf8");
}
