import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { type ClientCommand, everyCommand } from "../../clients/client.ts";
import { requirementsFiles } from "../../clients/requirements-files.ts";
import type { WayAround } from "../../clients/ways-around.ts";
import {
  filesInRequirements,
  waysAroundInPdmToml,
  waysAroundInPipfile,
  waysAroundInPipfileLock,
  waysAroundInProject,
  waysAroundInRequirements,
  waysAroundInScript,
} from "../../clients/ways-around-files.ts";
import { tableOrNothing } from "../../encoding/table.ts";
import { messageOf } from "../../errors.ts";
import { requirementsText } from "../../plan/requirements-text.ts";
import type { Host } from "../host.ts";
import { fromHere, isFile, metadataOfScript, projectFoldersOf, readTable, tomlTable } from "./project-files.ts";

/** What in the project's files, and in requirements files that the command names, leads around the loopback index. */
export async function waysAroundInFiles(command: ClientCommand, host: Host): Promise<WayAround[]> {
  const commands = everyCommand(command);
  const clients = new Set(commands.map(({ client }) => client));
  const folders = await projectFoldersOf(command, host);
  const [folder] = folders;
  const projects = await Promise.all(
    folders.map(async (each) => {
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
async function waysAroundInWord(word: string, host: Host): Promise<WayAround[]> {
  const file = word.replace(/^--[a-z-]+=/, "");
  if (word === "-") return [unreadable(word)];
  if (word.startsWith("-") && file === word) return [];
  const metadata = await metadataOfScript(file, host);
  return metadata === undefined ? [] : waysAroundInScript(tomlTable(metadata), file);
}
