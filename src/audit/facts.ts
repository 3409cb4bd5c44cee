import { basename, join, relative, sep } from "node:path";
import type { Installed } from "../environment/installed.ts";
import { readIfRegular } from "../environment/read-file.ts";
import { scanInstalled } from "../environment/scan.ts";
import type { UnstartedEnvironment } from "../environment/unstarted.ts";
import type { Advisory } from "./advisories.ts";
import type { CompiledState, CompiledTask } from "./compiled/compiled-state.ts";
import { type RecordedFile, startHashing } from "./hash-recorded.ts";
import type { Looker } from "./look.ts";
import { type SearchPath, searchPathsOf } from "./search-paths.ts";
import { type FoundFile, listFolder, namesIn, targetOf, walk } from "./walk.ts";

/** What an environment's files say, gathered once for all audits. Nothing of it is run or imported. */
export interface Facts {
  readonly environment: UnstartedEnvironment;
  readonly installed: readonly Installed[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** Every row of every RECORD. */
  readonly recorded: readonly RecordedFile[];
  /** Which distribution has a file in its RECORD, by the file's absolute path. */
  readonly owners: ReadonlyMap<string, Installed>;
  /** What lies directly in the folders of packages: files and folders. */
  readonly top: readonly FoundFile[];
  /** Every file in the folders of packages, by its absolute path. */
  readonly found: ReadonlyMap<string, FoundFile>;
  /** The folders of packages, with all folders in them. */
  readonly folders: readonly FoundFile[];
  /** What lies beside the interpreter of a virtual environment. */
  readonly scripts: readonly FoundFile[];
  /** The interpreters in `home` of pyvenv.cfg, with every link on the way followed. */
  readonly interpreters: ReadonlySet<string>;
  /** Small files that audits read, by their path; startup.ts and python-version.ts say which. */
  readonly texts: ReadonlyMap<string, string>;
  /** Where path files make Python look for modules. */
  readonly searchPaths: readonly SearchPath[];
  /** What the user gave of advisories about what is installed. */
  readonly advisories: readonly Advisory[];
  /** Compiled files that have their source beside them. */
  readonly compiled: readonly CompiledFile[];
}

export interface CompiledFile extends CompiledTask {
  readonly state: CompiledState;
}

/** Gathers them. What takes the time is hashing, in which the looker's threads help. */
export async function gatherFacts(
  environment: UnstartedEnvironment,
  looker: Looker,
): Promise<Omit<Facts, "advisories">> {
  const { sites, venv } = environment;
  // Other threads hash while this one reads on and goes through the folders; then it helps them.
  const hashing = startHashing(looker);
  const { installed, unreadable } = await scanInstalled(sites, hashing.take);
  hashing.handOut();
  const { top, found, folders } = walk(sites);
  const pairs = compiledPairs(found);
  const comparing = looker.compiled(pairs);
  const texts = new Map(smallFiles(installed, top).flatMap(readText));
  const owners = new Map(hashing.files.map(({ path, installed: owner }) => [path, owner]));
  const interpreters = new Set(venv?.home === undefined ? [] : interpretersIn(venv.home));
  const scripts = venv === undefined ? [] : listFolder(venv.scripts).map((file) => withProgram(file, interpreters));
  const [recorded, compiledStates] = await Promise.all([hashing.finish(), comparing.finish()]);
  return {
    environment,
    installed,
    unreadable,
    recorded,
    owners,
    top,
    found,
    folders,
    scripts,
    interpreters,
    texts,
    searchPaths: searchPathsOf(texts),
    compiled: pairs.map((pair, at) => ({ ...pair, state: compiledStates[at] ?? { state: "unused" } })),
  };
}

/** A program that is no script begins with the magic number of its format. */
function withProgram(file: FoundFile, interpreters: ReadonlySet<string>): FoundFile {
  if (file.kind !== "file" || !isInterpreterName(basename(file.path))) return file;
  const bytes = readIfRegular(file.path)?.bytes;
  const isCopy = (path: string) => bytes !== undefined && readIfRegular(path)?.bytes.equals(bytes) === true;
  return {
    ...file,
    isScript: bytes?.subarray(0, 2).toString("latin1") === "#!",
    isInterpreter: interpreters.values().some(isCopy),
  };
}

function compiledPairs(found: ReadonlyMap<string, FoundFile>): CompiledTask[] {
  const compiled = [...found.keys()].filter((path) => path.endsWith(".pyc"));
  return compiled.flatMap((path) => {
    const source = sourceOf(path);
    return source !== undefined && found.has(source) ? [{ path, source }] : [];
  });
}

function smallFiles(installed: readonly Installed[], top: readonly FoundFile[]): string[] {
  return [
    ...installed.map(({ site, distInfo }) => join(site, distInfo, "WHEEL")),
    ...top.flatMap(({ path, kind }) =>
      kind !== "folder" && /(?:\.pth|\.start|_virtualenv\.py)$/.test(path) ? path : [],
    ),
  ];
}

function interpretersIn(home: string): string[] {
  return namesIn(home).flatMap((name) => (isInterpreterName(name) ? (targetOf(join(home, name)) ?? []) : []));
}

/** `python`, `python3.13t`, `pypy3` */
export function isInterpreterName(name: string): boolean {
  return /^(?:python|pypy)(?:3(?:\.\d+)?t?)?w?(?:\.exe)?$/.test(name);
}

function readText(path: string): [path: string, text: string][] {
  const read = readIfRegular(path);
  return read === undefined ? [] : [[path, read.bytes.toString("utf8")]];
}

/** A path as people name it: from the folder of packages that it is in. */
export function shownPath(path: string, sites: readonly string[]): string {
  const site = sites.find((folder) => path.startsWith(folder + sep));
  return site === undefined ? path : relative(site, path);
}

/** The source file that a compiled one belongs to (PEP 3147), or nothing. pytest compiles tests anew, under its own name. */
export function sourceOf(compiled: string): string | undefined {
  const end = compiled.lastIndexOf(sep);
  if (!compiled.slice(0, end).endsWith(cacheFolder)) return undefined;
  const name = compiledName.exec(compiled.slice(end + 1))?.groups?.name;
  return name === undefined ? undefined : `${compiled.slice(0, end + 1 - cacheFolder.length)}${name}.py`;
}

const cacheFolder = `${sep}__pycache__`;
const compiledName = /^(?<name>.+?)\.[a-z]+-?\d+(?:\.opt-\w+|-pytest-[\w.]+?)?\.pyc$/;
