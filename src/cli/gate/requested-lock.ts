import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { JsonStore } from "../../memory/json-store.ts";
import type { LockFile } from "../../plan/lock-file.ts";
import { parseLockFile } from "../../plan/parse-lock-file.ts";
import { uvDefaultGroups } from "../../plan/pyproject.ts";
import type { RequestedLock, WantedParts } from "../../plan/requested-lock.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { readText } from "../read-text.ts";
import { rememberedChoice } from "./remembered-lock.ts";

/** Which parts of a lock file are wanted. */
export type LockOptions = Partial<Pick<GateOptions, "extra" | "allExtras" | "group" | "allGroups">>;

/**
 * Reads a lock file, with the parts of it that the options ask for.
 * @param memory what earlier runs chose from it; given where nothing else of the lock is of interest
 * @throws UsageError
 */
export async function readLock(
  file: string,
  options: LockOptions,
  host: Pick<Host, "cwd" | "signal">,
  memory?: JsonStore,
): Promise<RequestedLock> {
  const path = resolve(host.cwd, file);
  const text = await readText(path, `"${file}"`, host);
  const wanted = wantedParts(options);
  const project = wanted.groups === "default" ? await projectBeside(path, file, host) : undefined;
  const choice = memory && rememberedChoice(memory, path, wanted, [text, project?.text ?? ""]);
  const read = () => withDefaultGroups(parseLockFile(text, path), project);
  let lock = choice?.isKnown === true ? undefined : read();
  return {
    get lock() {
      lock ??= read();
      return lock;
    },
    wanted,
    place: file,
    choice,
  };
}

/** The project's own file, which says more of some locks. */
interface ProjectText {
  readonly text: string;
  /** As messages name it. */
  readonly shown: string;
}

async function projectBeside(
  lock: string,
  shownLock: string,
  host: Pick<Host, "signal">,
): Promise<ProjectText | undefined> {
  const beside = (file: string) => join(dirname(file), "pyproject.toml");
  const [path, shown] = [beside(lock), beside(shownLock)];
  return existsSync(path) ? { text: await readText(path, `"${shown}"`, host), shown } : undefined;
}

function withDefaultGroups(lock: LockFile, project: ProjectText | undefined): LockFile {
  if (lock.hasGroupsInProject !== true || project === undefined) return lock;
  const groups = uvDefaultGroups(project.text, project.shown);
  return { ...lock, defaultGroups: groups === "all" ? lock.groups : (groups ?? lock.defaultGroups) };
}

function wantedParts({ extra = [], allExtras, group, allGroups }: LockOptions): WantedParts {
  return {
    extras: allExtras === true ? "all" : extra,
    groups: allGroups === true ? "all" : (group ?? "default"),
  };
}
