import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";

/** Makes a folder for this command, for nobody else to look into. @throws EnvironmentError `cannot-write` */
export function makeTemporaryFolder(): string {
  try {
    // mkdtemp makes it 0700.
    return mkdtempSync(join(tmpdir(), "tspip-"));
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot make a temporary folder: ${messageOf(error)}`, { cause: error });
  }
}
