import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { UsageError } from "../errors.ts";
import type { Engine, EngineName } from "./engine.ts";
import { pipEngine } from "./pip.ts";
import { uvEngine } from "./uv.ts";
import type { Env } from "./workspace.ts";

/**
 * The engine that is asked for, else uv.
 * @throws UsageError `no-resolver` when uv is not on PATH
 */
export async function findEngine(wanted: EngineName | undefined, env: Env): Promise<Engine> {
  if (wanted === "pip") return pipEngine(env);
  const uv = await findProgram("uv", env);
  if (uv !== undefined) return uvEngine(uv, env);
  throw new UsageError("no-resolver", "Cannot choose versions: there is no uv on PATH", {
    hint: "Install uv, resolve with --resolver pip, or pin every requirement (NAME==VERSION) with its dependencies",
  });
}

/** The first program of that name on PATH. Folders that are not absolute depend on where one stands, and are skipped. */
async function findProgram(name: string, env: Env): Promise<string | undefined> {
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
