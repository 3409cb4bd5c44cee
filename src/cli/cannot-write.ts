import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";

/**
 * The error of a file that cannot be written. That a new file "is not there" would be no news: its folder is not.
 * @param shown the file as the user named it
 */
export function cannotWrite(path: string, shown: string, cause: unknown): EnvironmentError {
  return new EnvironmentError("cannot-write", `Cannot write "${shown}": ${reason(path, cause)}`, { cause });
}

function reason(path: string, cause: unknown): string {
  if ((cause as NodeJS.ErrnoException).code !== "ENOENT") return messageOf(cause);
  const folder = dirname(path);
  return existsSync(folder) ? "no file can be made there" : `there is no folder "${folder}"`;
}
