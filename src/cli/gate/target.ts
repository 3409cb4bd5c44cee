import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { compatibleTags } from "../../distribution/tags.ts";
import { parseVersion } from "../../distribution/version.ts";
import {
  checkNotManaged,
  type Environment,
  environmentOf,
  makeVenv,
  openPrefix,
  openTarget,
  openUserSite,
  openVenv,
  venvPython,
  venvState,
} from "../../environment/environment.ts";
import { askInterpreter, type Interpreter } from "../../environment/interpreter.ts";
import { UsageError } from "../../errors.ts";
import type { PlanTarget } from "../../plan/select.ts";
import type { Host } from "../host.ts";
import { checkIsFolder } from "./check-is-folder.ts";

/** What is to be done to an environment, as messages say it. */
export type TargetUse = "install into" | "uninstall from";

/** How the user names an environment. */
export interface TargetOptions {
  readonly venv?: string | undefined;
  readonly python?: string | undefined;
  readonly target?: string | undefined;
  readonly prefix?: string | undefined;
  readonly user?: boolean | undefined;
  readonly breakSystemPackages?: boolean | undefined;
}

/** Where to install. An environment that is not there yet is made only when the gate has said yes. */
export interface InstallTarget {
  readonly interpreter: Interpreter;
  /** As messages name it. */
  readonly label: string;
  /** Its top folder. */
  readonly directory: string;
  /** Absent when it is still to be made. */
  readonly existing?: Environment;
  make(): Promise<Environment>;
  /** Removes what `make` made. */
  discard(): Promise<void>;
}

/**
 * `--venv`, `--target`, `--prefix`, `--user`, `--python`, else the active virtual environment, else an error that says what
 * to do.
 * @throws UsageError, EnvironmentError
 */
export async function installTarget(
  options: TargetOptions,
  host: Host,
  use: TargetUse = "install into",
): Promise<InstallTarget> {
  checkOnePlace(options);
  if (options.venv !== undefined) return venvTarget(options.venv, namedPython(options, host), host, use);
  const executable = namedPython(options, host) ?? activePython(host);
  if (options.target !== undefined) {
    const interpreter = await askInterpreter(executable ?? "python3", host.env);
    return folderTarget(openTarget(resolve(host.cwd, options.target), interpreter), options.target, use);
  }
  if (options.prefix !== undefined) {
    const interpreter = await askInterpreter(executable ?? "python3", host.env);
    return folderTarget(openPrefix(resolve(host.cwd, options.prefix), interpreter), options.prefix, use);
  }
  if (options.user === true) {
    const environment = openUserSite(await askInterpreter(executable ?? "python3", host.env));
    if (options.breakSystemPackages !== true) checkNotManaged(environment);
    return folderTarget(environment, environment.label, use);
  }
  if (executable === undefined) {
    throw new UsageError("no-target", `There is no environment to ${use}: no virtual environment is active`, {
      hint: `Name one with --venv DIR${use === "install into" ? " (made when absent)" : ""}, --python EXE or --target DIR`,
    });
  }
  const environment = environmentOf(await askInterpreter(executable, host.env));
  if (options.breakSystemPackages !== true) checkNotManaged(environment);
  return existingTarget(environment, environment.label);
}

/**
 * `--venv`, `--user`, else the virtual environment that `--python` belongs to, that is active or that lies in `.venv`; else
 * the user's own site beside the interpreter, never the machine's. Whether it may be written to (PEP 668) is not asked yet.
 * @throws UsageError, EnvironmentError
 */
export async function personalTarget(options: TargetOptions, host: Host): Promise<InstallTarget> {
  checkOnePlace(options);
  if (options.venv !== undefined) return venvTarget(options.venv, namedPython(options, host), host, "install into");
  const executable = namedPython(options, host) ?? activePython(host) ?? neighbouringPython(host) ?? "python3";
  const interpreter = await askInterpreter(executable, host.env);
  const isOwn = interpreter.prefix !== interpreter.basePrefix && options.user !== true;
  const environment = isOwn ? environmentOf(interpreter) : openUserSite(interpreter);
  return folderTarget(environment, environment.label, "install into");
}

function checkOnePlace({ venv, target, prefix, user }: TargetOptions): void {
  const named = Object.entries({ venv, target, prefix, user }).filter(([, value]) => value !== undefined);
  if (named.length < 2) return;
  const flags = named.map(([name]) => `--${name}`).join(" and ");
  throw new UsageError("invalid-target", `${flags} name ${named.length} places; choose one`);
}

async function venvTarget(
  venv: string,
  python: string | undefined,
  host: Host,
  use: TargetUse,
): Promise<InstallTarget> {
  const directory = resolve(host.cwd, venv);
  checkIsFolder(dirname(directory), `${use} "${venv}"`);
  switch (await venvState(directory)) {
    case "venv":
      return existingTarget(await openVenv(directory, host.env), venv);
    case "absent": {
      const base = await askInterpreter(python ?? "python3", host.env);
      return newTarget(directory, venv, base, () => makeVenv(directory, base, host.env));
    }
    case "other":
      throw new UsageError("not-a-venv", `"${venv}" exists, but is not a virtual environment`, {
        hint:
          use === "install into"
            ? "Name a folder that is empty or not there yet, or use --target"
            : "Name a folder of packages with --target",
      });
  }
}

/** A place that needs nothing but folders. @throws UsageError `invalid-target` */
function folderTarget(environment: Environment, label: string, use: TargetUse): InstallTarget {
  const { root, interpreter } = environment;
  checkIsFolder(root, `${use} "${label}"`);
  if (!existsSync(root)) return newTarget(root, label, interpreter, async () => environment);
  return existingTarget(environment, label);
}

function existingTarget(existing: Environment, label: string): InstallTarget {
  return {
    interpreter: existing.interpreter,
    label,
    directory: existing.root,
    existing,
    make: async () => existing,
    discard: async () => {},
  };
}

function newTarget(
  directory: string,
  label: string,
  interpreter: Interpreter,
  make: InstallTarget["make"],
): InstallTarget {
  // An empty folder that was there stays; a folder that was not goes again.
  const wasThere = existsSync(directory);
  const discard = async () => {
    const doomed = wasThere ? (await readdir(directory)).map((name) => join(directory, name)) : [directory];
    // What cannot be removed stays: whoever discards has something else to say.
    await Promise.allSettled(doomed.map((path) => rm(path, { recursive: true, force: true })));
  };
  return { interpreter, label, directory, make, discard };
}

/** The interpreter whose tags and markers decide what fits, for commands that install nothing. */
export async function interpreterFor(options: TargetOptions, host: Host): Promise<Interpreter> {
  if (options.venv !== undefined) {
    const directory = resolve(host.cwd, options.venv);
    if ((await venvState(directory)) === "venv") return (await openVenv(directory, host.env)).interpreter;
  }
  return askInterpreter(interpreterNamed(options, host), host.env);
}

/** The interpreter of `installTarget`, before it is asked: a path, or a name to be found on PATH. */
export function pythonOfTarget(options: TargetOptions, host: Host): string {
  const own = options.venv === undefined ? undefined : venvPython(resolve(host.cwd, options.venv), host.env);
  return own !== undefined && existsSync(own) ? own : interpreterNamed(options, host);
}

/** The interpreter that options name, else that of the active virtual environment, else the first `python3` on PATH. */
export function interpreterNamed(options: TargetOptions, host: Host): string {
  return namedPython(options, host) ?? activePython(host) ?? "python3";
}

export function planTarget({ tags, markers }: Interpreter): PlanTarget {
  return { tags: compatibleTags(tags), pythonVersion: parseVersion(markers.python_full_version), markers };
}

/** A path starts from the working directory; a plain name is looked for on PATH. */
function namedPython({ python }: TargetOptions, { cwd }: Host): string | undefined {
  return python !== undefined && /[\\/]/.test(python) ? resolve(cwd, python) : python;
}

function activePython({ env }: Host): string | undefined {
  const active = env.VIRTUAL_ENV;
  return active ? `${active}/bin/python` : undefined;
}

function neighbouringPython({ cwd }: Host): string | undefined {
  return existsSync(join(cwd, ".venv", "pyvenv.cfg")) ? join(cwd, ".venv", "bin", "python") : undefined;
}
