import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ClientCommand } from "../../clients/client.ts";
import { namedPythons, otherFiles } from "../../clients/named-python.ts";
import type { Interpreter } from "../../environment/interpreter.ts";
import { UsageError } from "../../errors.ts";
import { interpreterFor } from "../gate/target.ts";
import type { Host } from "../host.ts";
import { fromHere } from "./project-files.ts";

/** For which Python a lock file is judged, and whether the command has to be told so: a version may mean several. */
export interface LockedPython {
  readonly interpreter: Interpreter;
  readonly isVersion: boolean;
}

/**
 * What a lock is judged for has to be what it is installed for: another Python takes other files of it.
 * @param commands the command, and those that it starts
 * @param environment the one that it works on, where its words name no Python
 * @throws UsageError `leads-around-gate` where that is not one interpreter at hand; EnvironmentError
 */
export async function lockedPython(
  commands: readonly ClientCommand[],
  environment: string | undefined,
  host: Host,
): Promise<LockedPython> {
  const [other] = commands.flatMap((command) => otherFiles(command, host.env));
  if (other !== undefined) throw notJudgedFor(other);
  const [first, ...inner] = commands;
  const own = first === undefined ? [] : namedPythons(first);
  const named = new Set([...own, ...inner.flatMap(namedPythons)]);
  const [name, another] = named;
  if (another !== undefined) throw notJudgedFor(another);
  if (name === undefined || first === undefined)
    return { interpreter: await interpreterFor({ venv: environment }, host), isVersion: false };
  const path = fromHere(name, first, host).find((each) => existsSync(resolve(host.cwd, each)));
  if (path !== undefined) return { interpreter: await interpreterAt(path, host), isVersion: false };
  if (own.length === 0) throw notJudgedFor(name);
  return { interpreter: await interpreterCalled(name, environment, host), isVersion: true };
}

function interpreterAt(path: string, host: Host): Promise<Interpreter> {
  const full = resolve(host.cwd, path);
  if (!statSync(full).isDirectory()) return interpreterFor({ python: full }, host);
  if (!existsSync(join(full, "pyvenv.cfg"))) throw notJudgedFor(path);
  return interpreterFor({ venv: full }, host);
}

/** `3.12`, `python3.12`: the environment's own, where it is one, as installers take it. */
async function interpreterCalled(name: string, environment: string | undefined, host: Host): Promise<Interpreter> {
  const [, version] = /^(?:python)?(\d+(?:\.\d+){0,2})$/.exec(name) ?? [];
  if (version === undefined) throw notJudgedFor(name);
  const own = await interpreterFor({ venv: environment }, host);
  if (`${own.markers.python_full_version}.`.startsWith(`${version}.`)) return own;
  try {
    return await interpreterFor({ python: `python${version}` }, host);
  } catch (error) {
    // Installers find some that are not on PATH.
    throw notJudgedFor(name, error);
  }
}

function notJudgedFor(word: string, cause?: unknown): UsageError {
  return new UsageError(
    "leads-around-gate",
    `"${word}" leads around the gate: the lock file is judged for the wheels of an interpreter at hand, and others are taken of it then`,
    { hint: "Name the interpreter or the environment by its path, in one place, and build nothing", cause },
  );
}
