import { arch } from "node:os";
import { resolve } from "node:path";
import { environmentOf } from "../environment/environment.ts";
import { askInterpreter } from "../environment/interpreter.ts";
import { findSite, findVenv, type UnstartedEnvironment } from "../environment/unstarted.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "./host.ts";

/** How the user names environments to look at. */
export interface EnvironmentOptions {
  readonly venv?: string | undefined;
  readonly path?: readonly string[] | undefined;
  readonly python?: string | undefined;
}

/**
 * `--venv`, `--path`, else the active virtual environment. Only `--python` starts an interpreter, isolated and without
 * any code of its environment.
 * @throws UsageError `no-target`, EnvironmentError
 */
export async function environmentsToRead(options: EnvironmentOptions, host: Host): Promise<UnstartedEnvironment[]> {
  const { venv = host.env.VIRTUAL_ENV, path = [], python } = options;
  if (python !== undefined) return [await askedEnvironment(python, host)];
  const machine = { platform: host.platform, arch: arch() };
  if (path.length > 0) return Promise.all(path.map((site) => findSite(resolve(host.cwd, site), site, machine)));
  if (venv !== undefined && venv !== "") return [await findVenv(resolve(host.cwd, venv), venv, machine)];
  throw new UsageError("no-target", "There is no environment to look at: no virtual environment is active", {
    hint: "Name one with --venv DIR, --path SITE-PACKAGES or --python EXE",
  });
}

async function askedEnvironment(python: string, host: Host): Promise<UnstartedEnvironment> {
  const executable = /[\\/]/.test(python) ? resolve(host.cwd, python) : python;
  const { label, schemes, interpreter } = environmentOf(await askInterpreter(executable, host.env));
  return { label, sites: [...new Set([schemes.purelib, schemes.platlib])], markers: interpreter.markers };
}
