import { isProjectName, normalizeProjectName, type ProjectName } from "../../distribution/project-name.ts";
import type { Environment } from "../../environment/environment.ts";
import { scanInstalled } from "../../environment/scan.ts";
import { EnvironmentError, UsageError } from "../../errors.ts";
import { uninstall as uninstallProjects } from "../../install/uninstall.ts";
import type { UninstallOptions } from "../command-line/artifacts.ts";
import { exitCodes } from "../exit-code.ts";
import { type InstallTarget, installTarget } from "../gate/target.ts";
import type { Host } from "../host.ts";
import { createTalk, printableLine } from "../terminal.ts";

/** `tspip uninstall`: what RECORD lists of the named projects goes; a project that is not there is said, as pip does. */
export async function uninstall(words: readonly string[], options: UninstallOptions, host: Host): Promise<number> {
  const talk = createTalk(options, host);
  const names = new Set(words.map(parseName));
  const environment = existing(await installTarget(options, host, "uninstall from"));
  const installed = await installedVersions(environment);
  await uninstallProjects(names, environment, { processes: host, onNotice: talk.info });
  for (const name of names) if (!installed.has(name)) talk.warn(`"${name}" is not installed in ${environment.label}`);
  const removed = [...names].flatMap((name) => installed.get(name) ?? []);
  host.stdout.write(removed.map((what) => `Removed ${printableLine(what)}\n`).join(""));
  return exitCodes.done;
}

function parseName(word: string): ProjectName {
  if (isProjectName(word)) return normalizeProjectName(word);
  throw new UsageError("invalid-name", `"${word}" is not the name of a project`, {
    hint: "Name projects without a version, such as: tspip uninstall flask",
  });
}

function existing({ existing: environment, label }: InstallTarget): Environment {
  if (environment !== undefined) return environment;
  throw new EnvironmentError("no-environment", `There is no environment in "${label}"`);
}

/** Of each project, what is said when it is removed; more than one where there are several versions of it. */
async function installedVersions({ schemes }: Environment): Promise<Map<ProjectName, string[]>> {
  const { installed } = await scanInstalled([schemes.purelib, schemes.platlib]);
  const versions = new Map<ProjectName, string[]>();
  for (const { name, version } of installed) {
    versions.set(name, [...(versions.get(name) ?? []), `${name} ${version}`]);
  }
  return versions;
}
