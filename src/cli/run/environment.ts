import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { environmentsOf } from "../../clients/environment-of.ts";
import type { RunRequest } from "./run-request.ts";

/**
 * The environment that the command works on, as far as that is known.
 * @param beside where else one may be: what is there goes before the folder's own
 */
export function environmentOfRun(request: RunRequest, beside: readonly string[] = []): string | undefined {
  const { words, command, options, host } = request;
  const isEnvironment = (folder: string) => existsSync(resolve(host.cwd, folder, "pyvenv.cfg"));
  return (
    options.venv ??
    [...environmentsOf(words, command, host.env), ...beside].find(isEnvironment) ??
    environmentHere(request)
  );
}

/** The one that is named, lies here or is active, whatever the command says. */
export function environmentHere({ options: { venv }, host: { cwd, env } }: RunRequest): string | undefined {
  return venv ?? (existsSync(join(cwd, ".venv", "pyvenv.cfg")) ? ".venv" : env.VIRTUAL_ENV);
}
