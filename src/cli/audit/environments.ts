import { readdirSync } from "node:fs";
import { arch } from "node:os";
import { join, resolve } from "node:path";
import { environmentOf } from "../../environment/environment.ts";
import { askInterpreter } from "../../environment/interpreter.ts";
import { findSite, findVenv, type UnstartedEnvironment } from "../../environment/unstarted.ts";
import { messageOf, UsageError } from "../../errors.ts";
import type { Host } from "../host.ts";

/** How the user names environments to look at. */
export interface EnvironmentOptions {
  readonly venv?: string | undefined;
  readonly path?: readonly string[] | undefined;
  readonly discover?: readonly string[] | undefined;
  readonly python?: string | undefined;
}

/**
 * `--venv`, `--path`, else the active virtual environment. Only `--python` starts an interpreter, isolated and without
 * any code of its environment.
 * @param warn told of folders that `--discover` cannot look into
 * @throws UsageError `no-target`, EnvironmentError
 */
export async function environmentsToRead(
  options: EnvironmentOptions,
  host: Host,
  warn: (message: string) => void,
): Promise<UnstartedEnvironment[]> {
  const { path = [], discover = [], python } = options;
  const isNamed = path.length + discover.length > 0;
  const venv = options.venv ?? (isNamed ? undefined : host.env.VIRTUAL_ENV);
  if (python !== undefined) return [await askedEnvironment(python, host)];
  const machine = { platform: host.platform, arch: arch() };
  const venvs = [
    ...(venv === undefined || venv === "" ? [] : [venv]),
    ...discover.flatMap((top) => discoverVenvs(top, host, warn)),
  ];
  const found = await Promise.all([
    ...venvs.map((directory) => findVenv(resolve(host.cwd, directory), directory, machine)),
    ...path.map((site) => findSite(resolve(host.cwd, site), site, machine)),
  ]);
  if (found.length > 0) return found;
  if (isNamed) throw new UsageError("no-target", `There is no virtual environment below ${discover.join(", ")}`);
  throw new UsageError("no-target", "There is no environment to look at: no virtual environment is active", {
    hint: "Name one with --venv DIR, --path SITE-PACKAGES or --python EXE",
  });
}

async function askedEnvironment(python: string, host: Host): Promise<UnstartedEnvironment> {
  const executable = /[\\/]/.test(python) ? resolve(host.cwd, python) : python;
  const { label, schemes, interpreter } = environmentOf(await askInterpreter(executable, host.env));
  return { label, sites: [...new Set([schemes.purelib, schemes.platlib])], markers: interpreter.markers };
}

/** Not gone into: they have no environments of their own, or too many files. */
const passedOver: ReadonlySet<string> = new Set([".git", "node_modules"]);
const systems: ReadonlySet<string> = new Set(["/proc", "/sys", "/dev"]);

/** What makes an environment; beside these, one may hold others. */
const ownFolders: ReadonlySet<string> = new Set([
  "bin",
  "Scripts",
  "lib",
  "lib64",
  "Lib",
  "include",
  "Include",
  "share",
]);

/** Folders with a pyvenv.cfg, in the order of their names; no link is followed. */
function discoverVenvs(top: string, host: Host, warn: (message: string) => void): string[] {
  const path = resolve(host.cwd, top);
  const entries = listFolder(path, warn);
  const isVenv = entries.some((entry) => entry.name === "pyvenv.cfg");
  const folders = entries.filter(
    ({ name }) => !passedOver.has(name) && !systems.has(join(path, name)) && !(isVenv && ownFolders.has(name)),
  );
  const below = folders.filter((entry) => entry.isDirectory());
  return [...(isVenv ? [top] : []), ...below.flatMap(({ name }) => discoverVenvs(join(top, name), host, warn))];
}

function listFolder(path: string, warn: (message: string) => void) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    warn(`Nobody knows what is below "${path}": ${messageOf(error)}`);
    return [];
  }
}
