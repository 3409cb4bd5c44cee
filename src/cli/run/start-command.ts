import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { clientEnvironment } from "../../clients/environment.ts";
import { frozen, frozenInstead } from "../../clients/locks-first.ts";
import { withPython } from "../../clients/named-python.ts";
import { runChild } from "../child.ts";
import { exitCodes } from "../exit-code.ts";
import type { WatchedIndex } from "../serving/watched-index.ts";
import { environmentOfRun } from "./environment.ts";
import type { JudgedFirst } from "./judge-first.ts";
import { isLockUpToDate } from "./lock-check.ts";
import type { RunRequest } from "./run-request.ts";

/**
 * Runs the command, led to the loopback index.
 * @param first what its lock files were judged for must be what they are installed for
 * @returns its exit code
 */
export async function startCommand(
  request: RunRequest,
  index: WatchedIndex,
  { python, planned }: JudgedFirst,
): Promise<number> {
  const { words, command, host } = request;
  const isFrozen = frozenInstead(command, host.env);
  if (isFrozen && !(await isLockUpToDate(command, host))) return exitCodes.refused;
  const executable = python?.interpreter.executable;
  const told = python?.isVersion && executable !== undefined ? withPython(words, command, executable) : words;
  return runChild(
    isFrozen ? frozen(told, command) : told,
    {
      ...clientEnvironment(host.env, index.url, join(index.directory, "cache"), mayLink(request, index)),
      ...(executable !== undefined && { UV_PYTHON: executable, PDM_PYTHON: executable }),
      ...(isFrozen && { UV_FROZEN: "1" }),
      POETRY_INSTALLER_NO_BINARY: namesToBuild(planned),
    },
    host,
  );
}

/** Of a project whose wheels were judged poetry is to build nothing, even where an index lists it no wheel. */
function namesToBuild(planned: JudgedFirst["planned"]): string {
  const namesOf = (kind: "wheel" | "sdist") =>
    new Set(planned.flatMap(({ ref: { filename } }) => (filename.kind === kind ? filename.name : [])));
  return [...namesOf("sdist").difference(namesOf("wheel"))].join(",") || ":none:";
}

/** Links do not lead to another disk. */
function mayLink(request: RunRequest, { directory }: WatchedIndex): boolean {
  const environment = resolve(request.host.cwd, environmentOfRun(request) ?? ".");
  return statSync(directory).dev === statSync(environment, { throwIfNoEntry: false })?.dev;
}
