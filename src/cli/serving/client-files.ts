import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { parse } from "smol-toml";
import { type ClientCommand, everyCommand, projectFolders } from "../../clients/client.ts";
import { type RealPlaces, withRealUrls } from "../../clients/real-urls.ts";
import { requirementsFiles } from "../../clients/requirements-files.ts";
import type { WayAround } from "../../clients/ways-around.ts";
import {
  filesInRequirements,
  scriptMetadata,
  waysAroundInPdmToml,
  waysAroundInPipfile,
  waysAroundInPipfileLock,
  waysAroundInProject,
  waysAroundInRequirements,
  waysAroundInScript,
} from "../../clients/ways-around-files.ts";
import { isTable, type Table, tableOrNothing } from "../../encoding/table.ts";
import { messageOf } from "../../errors.ts";
import { requirementsText } from "../../plan/requirements-text.ts";
import type { Host } from "../host.ts";

/** Files longer than this are no lock files. */
const maxFileBytes = 64 << 20;
/** Longer ones are no scripts. */
const maxScriptBytes = 4 << 20;
const lockName = /^(?:pylock\.(?:[^.]+\.)?toml|(?:uv|poetry|pdm|Pipfile)\.lock)$/;

/** What in the project's files, and in requirements files that the command names, leads around the loopback index. */
export async function waysAroundInFiles(command: ClientCommand, host: Host): Promise<WayAround[]> {
  const commands = everyCommand(command);
  const clients = new Set(commands.map(({ client }) => client));
  const folder = await projectFolder(command, host);
  const workspaces = await workspacesAbove(folder);
  const projects = await Promise.all(
    [folder, ...workspaces].map(async (each) => {
      const path = join(each, "pyproject.toml");
      return waysAroundInProject(await readTable(path), relative(folder, path));
    }),
  );
  const pipfile = clients.has("pipenv") ? await waysAroundOfPipenv(folder) : [];
  const pdm = clients.has("pdm") ? waysAroundInPdmToml(await readTable(join(folder, "pdm.toml"))) : [];
  const requirements = await waysAroundInRequirementsFiles(
    commands.flatMap((each) => requirementsFiles(each, host.env).flatMap((file) => fromHere(file, each, host))),
    host,
  );
  const words = commands.flatMap((each) => clientWords(each).flatMap((word) => fromHere(word, each, host)));
  const scripts = await Promise.all(words.map((word) => waysAroundInWord(word, host)));
  return [...projects.flat(), ...pipfile, ...pdm, ...requirements, ...scripts.flat()];
}

async function waysAroundOfPipenv(folder: string): Promise<WayAround[]> {
  const lock = await readFile(join(folder, "Pipfile.lock"), "utf8").catch(() => "");
  return [
    ...waysAroundInPipfile(await readTable(join(folder, "Pipfile"))),
    ...waysAroundInPipfileLock(tableOrNothing(lock, JSON.parse) ?? {}),
  ];
}

function clientWords({ client, words }: ClientCommand): readonly string[] {
  return client === undefined ? [] : words;
}

/** Follows `-r` and `-c` from file to file, each file once. */
async function waysAroundInRequirementsFiles(named: readonly string[], { cwd, env }: Host): Promise<WayAround[]> {
  const found: WayAround[] = [];
  const left = [...named];
  const seen = new Set<string>();
  for (let file = left.shift(); file !== undefined; file = left.shift()) {
    const path = resolve(cwd, file);
    if (seen.has(path) || /^https?:/i.test(file)) continue;
    seen.add(path);
    if (!(await isFile(path))) {
      if (existsSync(path) && !(await stat(path)).isDirectory()) found.push(unreadable(file));
      continue;
    }
    if (file.endsWith(".toml")) {
      found.push(...waysAroundInProject(await readTable(path), file));
      continue;
    }
    const bytes = await readFile(path);
    const text = bytes.toString("utf8");
    found.push(...readInTwoWays(bytes, file), ...waysAroundInRequirements(text, file, env));
    const isElsewhere = (next: string) => isAbsolute(next) || /^https?:/i.test(next);
    left.push(...filesInRequirements(text, env).map((next) => (isElsewhere(next) ? next : join(dirname(file), next))));
  }
  return found;
}

/** Where installers begin a line that we read as a comment, nobody would hear of what stands in it. */
function readInTwoWays(bytes: Uint8Array, file: string): WayAround[] {
  try {
    requirementsText(bytes, file);
    return [];
  } catch (error) {
    return [
      { what: file, place: "the command line", why: `can be read in two ways, and may hide URLs: ${messageOf(error)}` },
    ];
  }
}

/** Standard input, a pipe. */
function unreadable(file: string): WayAround {
  return { what: file, place: "the command line", why: "cannot be read beforehand: URLs in it pass no gate" };
}

/** `uv run s.py`, `uv add --script=s.py`: what the script says of itself. */
async function waysAroundInWord(word: string, { cwd }: Host): Promise<WayAround[]> {
  const file = word.replace(/^--[a-z-]+=/, "");
  const path = resolve(cwd, file);
  if (word === "-") return [unreadable(word)];
  if (word.startsWith("-") && file === word) return [];
  if (!(await isFile(path)) || (await stat(path)).size > maxScriptBytes) return [];
  const metadata = scriptMetadata(await readFile(path, "utf8"));
  return metadata === undefined ? [] : waysAroundInScript(tomlTable(metadata), file);
}

/** The lock files of that name: in the project's folder, and in that of the workspace (uv) above it, which goes before it. */
export async function projectFiles(name: string, command: ClientCommand, host: Host): Promise<string[]> {
  const folder = await projectFolder(command, host);
  const folders = [folder, ...(await workspacesAbove(folder))];
  const paths = folders.map((each) => join(each, name));
  const there = await Promise.all(paths.map(isFile));
  return paths.filter((_, at) => there[at]);
}

async function workspacesAbove(folder: string): Promise<string[]> {
  const above = dirname(folder);
  if (above === folder) return [];
  const { tool } = await readTable(join(above, "pyproject.toml"));
  const uv = isTable(tool) ? tool.uv : undefined;
  return [...(isTable(uv) && isTable(uv.workspace) ? [above] : []), ...(await workspacesAbove(above))];
}

/**
 * Puts real URLs into lock files that were written behind a loopback index: those of the project and those that the
 * command names.
 * @returns the files that were changed
 */
export async function restoreRealUrls(
  command: ClientCommand,
  loopback: URL,
  places: RealPlaces,
  host: Host,
): Promise<string[]> {
  const folder = await projectFolder(command, host);
  const folders = [folder, ...(await workspacesAbove(folder))];
  const written = await Promise.all(folders.map(lockFilesIn));
  const words = command.words.map((word) => word.replace(/^(?:--[a-z-]+=|-o)/, ""));
  // The lock of a script has the script's name (uv).
  const named = words.flatMap((word) => [word, `${word}.lock`]).flatMap((word) => fromHere(word, command, host));
  const changed: string[] = [];
  for (const path of new Set([...written.flat(), ...named.map((file) => resolve(host.cwd, file))])) {
    if (!(await isFile(path))) continue;
    const text = await readFile(path, "utf8");
    const real = await withRealUrls(text, loopback, places);
    if (real === text) continue;
    await writeFile(path, real);
    changed.push(path);
  }
  return changed;
}

/** A file as a command has it; where that is told to go to a folder, also from there. */
export function fromHere(file: string, command: ClientCommand, { cwd, env }: Host): string[] {
  const folders = projectFolders(command, env);
  if (folders.length === 0 || file.startsWith("-")) return [file];
  return [file, relative(cwd, resolve(cwd, ...folders, file))];
}

async function lockFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => lockName.test(name)).map((name) => join(folder, name));
}

/** Whether what the file says of itself (PEP 723) makes it a project of its own. */
export async function isScript(file: string, { cwd }: Host): Promise<boolean> {
  const path = resolve(cwd, file);
  if (!(await isFile(path)) || (await stat(path)).size > maxScriptBytes) return false;
  return scriptMetadata(await readFile(path, "utf8")) !== undefined;
}

/** The nearest folder upwards with a pyproject.toml or Pipfile; where there is none, the one where the command begins. */
export async function projectFolder(command: ClientCommand, host: Host): Promise<string> {
  const start = resolve(host.cwd, ...projectFolders(command, host.env));
  for (let folder = start; ; folder = dirname(folder)) {
    if ((await isFile(join(folder, "pyproject.toml"))) || (await isFile(join(folder, "Pipfile")))) return folder;
    if (dirname(folder) === folder) return start;
  }
}

async function readTable(path: string): Promise<Table> {
  return tomlTable(await readFile(path, "utf8").catch(() => ""));
}

/** What is no TOML leads nowhere: the installer says what it thinks of the file. */
function tomlTable(text: string): Table {
  return tableOrNothing(text, parse) ?? {};
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size <= maxFileBytes;
}
