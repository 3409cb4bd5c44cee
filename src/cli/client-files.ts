import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "smol-toml";
import type { ClientCommand } from "../clients/client.ts";
import { type RealPlaces, withRealUrls } from "../clients/real-urls.ts";
import {
  type WayAround,
  waysAroundInPdmToml,
  waysAroundInPipfile,
  waysAroundInProject,
  waysAroundInRequirements,
} from "../clients/ways-around.ts";
import type { Host } from "./host.ts";

/** Files longer than this are no lock files. */
const maxFileBytes = 64 << 20;
const lockName = /^(?:pylock\.(?:[^.]+\.)?toml|(?:uv|poetry|pdm|Pipfile)\.lock)$/;

/** What in the project's files, and in requirements files that the command names, leads around the loopback index. */
export async function waysAroundInFiles({ client, words }: ClientCommand, { cwd }: Host): Promise<WayAround[]> {
  const folder = await projectFolder(cwd);
  const project = await readTable(join(folder, "pyproject.toml"));
  const named = words.filter((word) => !word.startsWith("--log"));
  const files = named.map((word) => word.replace(/^(?:--[a-z-]+=|-r|-c)/, "")).filter((word) => word.endsWith(".txt"));
  const requirements = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(resolve(cwd, file), "utf8").catch(() => "");
      return waysAroundInRequirements(text, file);
    }),
  );
  const pipfile = client === "pipenv" ? waysAroundInPipfile(await readTable(join(folder, "Pipfile"))) : [];
  const pdm = client === "pdm" ? waysAroundInPdmToml(await readTable(join(folder, "pdm.toml"))) : [];
  return [...waysAroundInProject(project), ...pipfile, ...pdm, ...requirements.flat()];
}

/** The lock file of that name, in the project's folder. */
export async function projectFile(name: string, { cwd }: Host): Promise<string | undefined> {
  const path = join(await projectFolder(cwd), name);
  return (await isFile(path)) ? path : undefined;
}

/**
 * Puts real URLs into lock files that were written behind a loopback index: those of the project and those that the
 * command names.
 * @returns the files that were changed
 */
export async function restoreRealUrls(
  { words }: ClientCommand,
  loopback: URL,
  places: RealPlaces,
  { cwd }: Host,
): Promise<string[]> {
  const folder = await projectFolder(cwd);
  const names = (await readdir(folder).catch(() => [])).filter((name) => lockName.test(name));
  const named = words.map((word) => resolve(cwd, word.replace(/^(?:--[a-z-]+=|-o)/, "")));
  const changed: string[] = [];
  for (const path of new Set([...names.map((name) => join(folder, name)), ...named])) {
    if (!(await isFile(path))) continue;
    const text = await readFile(path, "utf8");
    const real = await withRealUrls(text, loopback, places);
    if (real === text) continue;
    await writeFile(path, real);
    changed.push(path);
  }
  return changed;
}

/** The nearest folder upwards with a pyproject.toml or Pipfile; where there is none, the one where we stand. */
async function projectFolder(cwd: string): Promise<string> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if ((await isFile(join(folder, "pyproject.toml"))) || (await isFile(join(folder, "Pipfile")))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}

async function readTable(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return parse(await readFile(path, "utf8"));
  } catch {
    // The installer says what it thinks of the file.
    return {};
  }
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size <= maxFileBytes && basename(path) !== "";
}
