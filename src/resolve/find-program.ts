import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import type { Env } from "./workspace.ts";

/** The first program of that name on PATH. Folders that are not absolute depend on where one stands, and are skipped. */
export async function findProgram(name: string, env: Env): Promise<string | undefined> {
  const suffix = env.OS === "Windows_NT" ? ".exe" : "";
  for (const folder of (env.PATH ?? "").split(delimiter).filter(isAbsolute)) {
    const path = join(folder, name + suffix);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
