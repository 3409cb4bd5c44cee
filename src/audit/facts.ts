import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import type { Installed } from "../environment/installed.ts";
import { readIfRegular } from "../environment/read-file.ts";
import { scanInstalled } from "../environment/scan.ts";
import type { UnstartedEnvironment } from "../environment/unstarted.ts";
import type { RecordRow } from "../wheel/record.ts";
import type { Advisory } from "./advisories.ts";
import type { CompiledState, CompiledTask } from "./compiled/compiled-state.ts";
import type { Look, Looker } from "./look.ts";
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
  const scripts = venv === undefined ? [] : listFolder(venv.scripts).map(withScript);
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
    interpreters: new Set(venv?.home === undefined ? [] : interpretersIn(venv.home)),
    texts,
    searchPaths: searchPathsOf(texts),
    compiled: pairs.map((pair, at) => ({ ...pair, state: compiledStates[at] ?? { state: "unused" } })),
  };
}

/** So many files are worth to be handed out before all are known. */
const worthHandingOut = 500;

/** A thread that takes a large file last keeps the others waiting. Bytes. */
const large = 1 << 20;

/** Hands out what RECORDs list, while they are read. */
function startHashing(looker: Looker) {
  const files: Mutable<RecordedFile>[] = [];
  const parts: { readonly files: readonly Mutable<RecordedFile>[]; readonly look: Look<RecordedState> }[] = [];
  let handedOut = 0;
  const handOut = () => {
    const part = files.slice(handedOut);
    const largeFirst = [...part.filter(isLarge), ...part.filter((file) => !isLarge(file))];
    parts.push({ files: largeFirst, look: looker.recorded(largeFirst.map(toTask)) });
    handedOut = files.length;
  };
  return {
    files,
    take(installed: Installed): void {
      for (const row of installed.record ?? [])
        files.push({ installed, row, path: pathOf(installed, row), state: "unreadable" });
      if (files.length - handedOut >= worthHandingOut) handOut();
    },
    handOut,
    async finish(): Promise<readonly RecordedFile[]> {
      // All at once: who waits for the last file of a part helps with no other part.
      const states = await Promise.all(parts.map(({ look }) => look.finish()));
      for (const [part, { files: taken }] of parts.entries()) {
        for (const [at, file] of taken.entries()) file.state = states[part]?.[at] ?? "unreadable";
      }
      return files;
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function isLarge({ row: { size = 0 } }: RecordedFile): boolean {
  return size >= large;
}

function toTask({ path, row: { hash } }: RecordedFile): RecordedTask {
  return hash === undefined ? [path] : [path, hash.algorithm, hash.digest];
}

/** Most paths need nothing to be resolved. */
function pathOf({ site }: Installed, { path }: RecordRow): string {
  const isPlain = sep === "/" && !path.startsWith("/") && !/(?:^|\/)(?:\.{0,2})(?:\/|$)/.test(path);
  return isPlain ? `${site}/${path}` : resolve(site, path);
}

/** Everything in the folders, and in theirs. Links are not followed. */
function walk(sites: readonly string[]): Pick<Facts, "top" | "found" | "folders"> {
  const found = new Map<string, FoundFile>();
  const folders = sites.flatMap((site) => look(site) ?? []);
  const above = folders.length;
  const top = folders.flatMap(({ path }) => listFolder(path));
  sort(top);
  for (let at = above; at < folders.length; at++) sort(listFolder(folders[at]?.path ?? ""));
  return { top, found, folders };

  function sort(files: readonly FoundFile[]): void {
    for (const file of files) {
      if (file.kind === "folder") folders.push(file);
      else found.set(file.path, file);
    }
  }
}

function listFolder(folder: string): FoundFile[] {
  const files: FoundFile[] = [];
  for (const name of namesIn(folder)) {
    const file = look(`${folder}${sep}${name}`);
    if (file !== undefined) files.push(file);
  }
  return files;
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
function look(path: string): FoundFile | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
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
