import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { release } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { Interpreter } from "../../environment/interpreter.ts";
import type { JsonStore } from "../../memory/json-store.ts";
import type { Host } from "../host.ts";
import { version } from "../version.ts";
import { interpreterFor, interpreterNamed, type TargetOptions } from "./target.ts";

/**
 * The interpreter that `interpreterFor` asks, without starting it where the very same program was asked before. What a
 * script stands for (pyenv's shims) changes without the script, so those are asked each time.
 */
export async function rememberedInterpreter(
  options: TargetOptions,
  store: JsonStore,
  host: Host,
): Promise<Interpreter> {
  const key = identity(interpreterNamed(options, host), host);
  const known = key && (store.get(key) as Interpreter | undefined);
  if (known) return known;
  const interpreter = await interpreterFor(options, host);
  if (key !== undefined) await store.set(key, interpreter);
  return interpreter;
}

/** The program by its place, size and time of change, and the system's release, which markers may ask for. */
function identity(name: string, { env, cwd }: Host): string[] | undefined {
  const candidates = name.includes("/")
    ? [resolve(cwd, name)]
    : (env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  for (const path of candidates) {
    try {
      const { size, mtimeMs } = statSync(path);
      if (isScript(path)) return undefined;
      return ["interpreter", version, path, realpathSync(path), String(size), String(mtimeMs), release()];
    } catch {
      // Not there: the next folder of PATH, as the system looks it up.
    }
  }
  return undefined;
}

function isScript(path: string): boolean {
  const start = Buffer.alloc(2);
  const file = openSync(path, "r");
  try {
    readSync(file, start, 0, 2, 0);
  } finally {
    closeSync(file);
  }
  return start.toString("latin1") === "#!";
}
