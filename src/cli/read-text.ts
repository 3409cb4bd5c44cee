import { readFile } from "node:fs/promises";
import { messageOf, UsageError } from "../errors.ts";

/**
 * A text that the user named.
 * @param shown what it is, as messages say it: `"requirements.txt"`, `the private key "release.pem"`
 * @param place where it was named, when not on the command line
 * @throws UsageError `no-such-file`
 */
export async function readText(path: string, shown: string, place?: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const where = place === undefined ? "" : `${place}: `;
    throw new UsageError("no-such-file", `${where}Cannot read ${shown}: ${messageOf(error)}`, { cause: error });
  }
}
