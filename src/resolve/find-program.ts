import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { Env } from "./workspace.ts";

/** The first program of that name on PATH. Folders that are not absolute depend on where one stands, and are skipped. */
export function findProgram(name: string, env: Env): string | undefined {
  const suffix = env.OS === "Windows_NT" ? ".exe" : "";
  const folders = (env.PATH ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name + suffix)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
