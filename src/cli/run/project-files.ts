import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "smol-toml";
import { type ClientCommand, projectFolders } from "../../clients/client.ts";
import { scriptMetadata } from "../../clients/ways-around-files.ts";
import { isTable, type Table, tableOrNothing } from "../../encoding/table.ts";
import type { Host } from "../host.ts";

/** Files longer than this are neither requirements nor lock files. */
const maxFileBytes = 64 << 20;
/** Longer ones are no scripts. */
const maxScriptBytes = 4 << 20;

/** The folder of the project that a command works on, and those of the workspaces (uv) above it. */
export async function projectFoldersOf(command: ClientCommand, host: Host): Promise<[string, ...string[]]> {
  const folder = await projectFolder(command, host);
  return [folder, ...(await workspacesAbove(folder))];
}

/**
 * The nearest folder upwards with a pyproject.toml, for pipenv with a Pipfile; where there is none, the one where the command begins.
 * Of a program that tspip does not know it may be either.
 */
export async function projectFolder(command: ClientCommand, host: Host): Promise<string> {
  const start = resolve(host.cwd, ...projectFolders(command, host.env));
  const { client } = command;
  if (client === "pipenv" && host.env.PIPENV_PIPFILE) return dirname(resolve(start, host.env.PIPENV_PIPFILE));
  const ofKnown = [client === "pipenv" ? "Pipfile" : "pyproject.toml"];
  const names = client === undefined ? ["pyproject.toml", "Pipfile"] : ofKnown;
  for (let folder = start; ; folder = dirname(folder)) {
    const there = await Promise.all(names.map((name) => isFile(join(folder, name))));
    if (there.includes(true)) return folder;
    if (dirname(folder) === folder) return start;
  }
}

async function workspacesAbove(folder: string): Promise<string[]> {
  const above = dirname(folder);
  if (above === folder) return [];
  const { tool } = await readTable(join(above, "pyproject.toml"));
  const uv = isTable(tool) ? tool.uv : undefined;
  return [...(isTable(uv) && isTable(uv.workspace) ? [above] : []), ...(await workspacesAbove(above))];
}

/** The lock files of that name: in the project's folder, and in that of the workspace above it, which goes before it. */
export async function projectFiles(name: string, command: ClientCommand, host: Host): Promise<string[]> {
  const folders = await projectFoldersOf(command, host);
  const paths = folders.map((each) => join(each, name));
  const there = await Promise.all(paths.map(isFile));
  return paths.filter((_, at) => there[at]);
}

/** A file as a command has it; where that is told to go to a folder, also from there. */
export function fromHere(file: string, command: ClientCommand, { cwd, env }: Host): string[] {
  const folders = projectFolders(command, env);
  if (folders.length === 0 || file.startsWith("-")) return [file];
  return [file, relative(cwd, resolve(cwd, ...folders, file))];
}

/** What a script says of itself (PEP 723), which makes it a project of its own; nothing where it says nothing. */
export async function metadataOfScript(file: string, { cwd }: Host): Promise<string | undefined> {
  const path = resolve(cwd, file);
  if (!(await isFile(path)) || (await stat(path)).size > maxScriptBytes) return undefined;
  return scriptMetadata(await readFile(path, "utf8"));
}

export async function readTable(path: string): Promise<Table> {
  return tomlTable(await readFile(path, "utf8").catch(() => ""));
}

/** What is no TOML leads nowhere: the installer says what it thinks of the file. */
export function tomlTable(text: string): Table {
  return tableOrNothing(text, parse) ?? {};
}

export async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size <= maxFileBytes;
}
