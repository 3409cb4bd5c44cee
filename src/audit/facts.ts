import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { Installed } from "../environment/installed.ts";
import { readIfRegular } from "../environment/read-file.ts";
import { scanInstalled } from "../environment/scan.ts";
import type { UnstartedEnvironment } from "../environment/unstarted.ts";
import type { RecordRow } from "../wheel/record.ts";
import type { Advisory } from "./advisories.ts";
import type { CompiledState, CompiledTask } from "./compiled/compiled-state.ts";
import { createLooker } from "./look.ts";
import type { RecordedState, RecordedTask } from "./recorded-state.ts";
import { type SearchPath, searchPathsOf } from "./search-paths.ts";

/** What an environment's files say, gathered once for all audits. Nothing of it is run or imported. */
export interface Facts {
  readonly environment: UnstartedEnvironment;
  readonly installed: readonly Installed[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** Every row of every RECORD. */
  readonly recorded: readonly RecordedFile[];
  /** Which distribution has a file in its RECORD, by the file's absolute path. */
  readonly owners: ReadonlyMap<string, Installed>;
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

export interface RecordedFile {
  readonly installed: Installed;
  readonly row: RecordRow;
  /** Absolute. */
  readonly path: string;
  readonly state: RecordedState;
}

export interface CompiledFile extends CompiledTask {
  readonly state: CompiledState;
}

export interface FoundFile {
  readonly path: string;
  /** What it is: a folder, a regular file or link, or what no package brings, as a pipe or a device. */
  readonly kind: "file" | "folder" | "link" | "other";
  readonly mode: number;
  /** The number of the user it belongs to. */
  readonly user: number;
  /** Of what lies beside an interpreter: whether another program is named in it that runs it. */
  readonly isScript?: boolean;
  /** Where a link leads, with every link on the way followed; undefined when it leads nowhere. */
  readonly link?: { readonly text: string; readonly target: string | undefined };
}

/** @param threads how many may look at files at once */
export async function gatherFacts(
  environment: UnstartedEnvironment,
  threads: number,
): Promise<Omit<Facts, "advisories">> {
  const { sites, venv } = environment;
  await using looker = createLooker(threads);
  const rows: Omit<RecordedFile, "state">[] = [];
  const hashing: Promise<readonly RecordedState[]>[] = [];
  let handedOut = 0;
  const handOut = () => {
    hashing.push(looker.recorded(rows.slice(handedOut).map(toTask)));
    handedOut = rows.length;
  };
  // Other threads hash while this one goes on.
  const { installed, unreadable } = await scanInstalled(sites, (each) => {
    for (const row of each.record ?? []) rows.push({ installed: each, row, path: pathOf(each, row) });
    if (rows.length - handedOut >= worthHandingOut) handOut();
  });
  handOut();
  const { found, folders } = walk(sites);
  const pairs = compiledPairs(found);
  const comparing = looker.compiled(pairs);
  const texts = new Map(smallFiles(installed, found, sites).flatMap(readText));
  const states = (await Promise.all(hashing)).flat();
  const compiledStates = await comparing;
  return {
    environment,
    installed,
    unreadable,
    recorded: rows.map((row, at) => ({ ...row, state: states[at] ?? "unreadable" })),
    owners: new Map(rows.map(({ path, installed: owner }) => [path, owner])),
    found,
    folders,
    scripts: venv === undefined ? [] : listFolder(venv.scripts).map(withScript),
    interpreters: new Set(venv?.home === undefined ? [] : interpretersIn(venv.home)),
    texts,
    searchPaths: searchPathsOf(texts),
    compiled: pairs.map((pair, at) => ({ ...pair, state: compiledStates[at] ?? { state: "unused" } })),
  };
}

/** So many files are looked at by another thread before they are all known. */
const worthHandingOut = 1000;

function toTask({ path, row: { hash, size } }: Pick<RecordedFile, "path" | "row">): RecordedTask {
  return { path, ...(hash && { hash }), ...(size !== undefined && { size }) };
}

/** Most paths need nothing to be resolved. */
function pathOf({ site }: Installed, { path }: RecordRow): string {
  const isPlain = sep === "/" && !path.startsWith("/") && !/(?:^|\/)(?:\.{0,2})(?:\/|$)/.test(path);
  return isPlain ? `${site}/${path}` : resolve(site, path);
}

/** Everything in the folders, and in theirs. Links are not followed. */
function walk(sites: readonly string[]): Pick<Facts, "found" | "folders"> {
  const found = new Map<string, FoundFile>();
  const folders = sites.flatMap(look);
  for (let at = 0; at < folders.length; at++) {
    for (const file of listFolder(folders[at]?.path ?? "")) {
      if (file.kind === "folder") folders.push(file);
      else found.set(file.path, file);
    }
  }
  return { found, folders };
}

function listFolder(folder: string): FoundFile[] {
  return namesIn(folder).flatMap((name) => look(`${folder}${sep}${name}`));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // What cannot be listed has no files that could be owned: each of them is missing then.
    return [];
  }
}

/** One file; none when it is gone since its folder was listed. */
function look(path: string): FoundFile | [] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  const { mode, uid: user } = stats;
  if (stats.isFile()) return { path, kind: "file", mode, user };
  if (stats.isDirectory()) return { path, kind: "folder", mode, user };
  if (!stats.isSymbolicLink()) return { path, kind: "other", mode, user };
  return { path, kind: "link", mode, user, link: { text: readlinkSync(path), target: targetOf(path) } };
}

/** A program that is no script begins with the magic number of its format. */
function withScript(file: FoundFile): FoundFile {
  if (file.kind !== "file" || !isInterpreterName(basename(file.path))) return file;
  return { ...file, isScript: readIfRegular(file.path)?.bytes.subarray(0, 2).toString("latin1") === "#!" };
}

function targetOf(link: string): string | undefined {
  try {
    return realpathSync.native(link);
  } catch {
    return undefined;
  }
}

function compiledPairs(found: ReadonlyMap<string, FoundFile>): CompiledTask[] {
  return [...found.keys()].flatMap((path) => {
    const source = path.endsWith(".pyc") ? sourceOf(path) : undefined;
    return source !== undefined && found.has(source) ? [{ path, source }] : [];
  });
}

function smallFiles(installed: readonly Installed[], found: ReadonlyMap<string, FoundFile>, sites: readonly string[]) {
  const isStartup = (path: string) => /(?:\.pth|\.start|_virtualenv\.py)$/.test(path) && sites.includes(dirname(path));
  return [
    ...installed.map(({ site, distInfo }) => join(site, distInfo, "WHEEL")),
    ...[...found.keys()].filter(isStartup),
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
  const match = compiledName.exec(compiled.split(sep).at(-1) ?? "");
  const folder = dirname(compiled);
  if (match?.groups === undefined || !folder.endsWith(`${sep}__pycache__`)) return undefined;
  return join(dirname(folder), `${match.groups.name}.py`);
}

const compiledName = /^(?<name>.+?)\.[a-z]+-?\d+(?:\.opt-\w+|-pytest-[\w.]+?)?\.pyc$/;
