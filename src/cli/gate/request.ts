import { existsSync, type Stats, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { PinnedDigest } from "../../distribution/artifact.ts";
import { lastSegment } from "../../distribution/filename.ts";
import { parseRequirement } from "../../distribution/requirement.ts";
import { messageOf, UsageError } from "../../errors.ts";
import type { JsonStore } from "../../memory/json-store.ts";
import { localRef } from "../../package-index/client.ts";
import { fragmentPins } from "../../plan/direct.ts";
import { type LockFile, parseLockFile } from "../../plan/lock-file.ts";
import type { PlanRequest, RequestedFile, RequestedRequirement } from "../../plan/plan.ts";
import type { RequestedLock, WantedParts } from "../../plan/plan-lock.ts";
import { projectRequirements, uvDefaultGroups } from "../../plan/pyproject.ts";
import {
  type FileOption,
  isLocation,
  parseRequirementsFile,
  type RequirementsEntry,
} from "../../plan/requirements-file.ts";
import { requirementsText } from "../../plan/requirements-text.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { readBytes, readText } from "../read-text.ts";
import { rememberedChoice } from "./remembered-lock.ts";

/** Where requirements and lock files are named, and what of them. */
export type RequestOptions = Partial<
  Pick<
    GateOptions,
    "requirement" | "constraint" | "lock" | "extra" | "allExtras" | "group" | "allGroups" | "pre" | "requireHashes"
  >
>;

/** What the user asked for, and the index options that stand in requirements files. */
export interface UserRequest {
  readonly plan: PlanRequest;
  readonly indexOptions: readonly FileOption[];
}

/**
 * Reads arguments, requirements and constraints files, and the lock file. What cannot be read, or has a mistake, is an
 * error before anything else happens.
 * @param more `otherwise`: what is asked for where the user names nothing; `memory`: see readLock; `everyFittingFile`: of
 *   the lock
 * @throws UsageError naming the file and the line
 */
export async function readRequest(
  words: readonly string[],
  options: RequestOptions,
  host: Host,
  severalPerProject: boolean,
  { otherwise, memory, everyFittingFile }: ReadOptions = {},
): Promise<UserRequest> {
  const gathered = await gather(options, host);
  const named = await Promise.all(words.map((word) => readWord(word, host)));
  const all = [...named.flat(), ...gathered.entries];
  const lock = options.lock === undefined ? undefined : await readLock(options.lock, options, host, memory);
  const asked = {
    requirements: all.flatMap(({ requirement }) => requirement ?? []),
    files: all.flatMap(({ file }) => file ?? []),
    locks: lock === undefined ? [] : [everyFittingFile === true ? { ...lock, everyFittingFile } : lock],
  };
  const isNothing = asked.requirements.length + asked.files.length + asked.locks.length === 0;
  const plan: PlanRequest = {
    ...asked,
    ...(isNothing && otherwise),
    constraints: gathered.constraints.map(toConstraint),
    severalPerProject,
    prereleases: options.pre === true || gathered.options.some(({ name }) => name === "--pre"),
    requireHashes: options.requireHashes === true || gathered.options.some(({ name }) => name === "--require-hashes"),
  };
  if (plan.requirements.length + plan.files.length + plan.locks.length === 0) {
    throw new UsageError("nothing-asked", "Nothing to do: no requirement, file or lock file is given", {
      hint: "Name a requirement (NAME==VERSION) or a wheel, or give -r FILE or --lock FILE",
    });
  }
  return { plan, indexOptions: gathered.options };
}

interface ReadOptions {
  readonly otherwise?: Pick<PlanRequest, "locks" | "files"> | undefined;
  readonly memory?: JsonStore | undefined;
  /** See RequestedLock. */
  readonly everyFittingFile?: boolean | undefined;
}

/** One thing asked for: a requirement, or an artifact. */
interface Asked {
  readonly requirement?: RequestedRequirement;
  readonly file?: RequestedFile;
}

/** Whom a file without a name would constrain, pip does not ask either. */
function toConstraint({ requirement, file }: Asked): RequestedRequirement {
  if (requirement !== undefined) return requirement;
  throw new UsageError("invalid-requirements-file", `${file?.place}: a constraint by path has no name of a project`, {
    hint: "Write NAME @ file:///PATH",
  });
}

/** An argument: a file, a folder of artifacts, or a requirement. */
async function readWord(word: string, host: Host): Promise<Asked[]> {
  const path = resolve(host.cwd, word);
  const found = statusOf(path);
  if (found?.isDirectory() && isFolderName(word)) {
    const names = (await readdir(path)).filter((name) => /\.(?:whl|tar\.gz|zip)$/.test(name)).sort();
    if (names.length === 0)
      throw new UsageError("nothing-asked", `There is no wheel or source distribution in "${word}"`);
    return names.map((name) => ({ file: localFile(join(path, name), [], join(word, name)) }));
  }
  if (found?.isDirectory() && (await holdsArtifacts(path))) {
    throw new UsageError(
      "ambiguous-word",
      `"${word}" may be the project or the folder of that name, which holds wheels`,
      {
        hint: `Write ./${word} for the folder; for the project, go to another folder or give -r FILE`,
      },
    );
  }
  if (found?.isFile()) return [{ file: localFile(path, [], word) }];
  if (isLocation(word)) return [locate(word, host.cwd, [], "argument")];
  return [{ requirement: { requirement: parseRequirement(word), pins: [], place: "argument" } }];
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

async function holdsArtifacts(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => /\.(?:whl|tar\.gz)$/.test(name));
}

/** `requests` is a project even where there is a folder of that name; `./requests` and `dist/` are folders. */
function isFolderName(word: string): boolean {
  return word.includes("/") || word === "." || word === ".." || isAbsolute(word);
}

function localFile(path: string, pins: readonly PinnedDigest[], place: string): RequestedFile {
  const ref = localRef(path);
  return { ref: pins.length === 0 ? ref : { ...ref, pins }, extras: [], place };
}

/** A path or URL without a project's name before it. */
function locate(location: string, folder: string, pins: readonly PinnedDigest[], place: string): Asked {
  if (/^https?:/i.test(location)) {
    const url = URL.parse(location) ?? unusableLocation(location, place, "it is no URL");
    const name = lastSegment(url).split("-")[0] ?? "";
    return { requirement: { requirement: parseRequirement(`${name} @ ${location}`), pins, place } };
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(location) && !location.startsWith("file:")) {
    throw new UsageError("unsupported-url", `${place}: tspip does not install from "${location}"`);
  }
  if (!location.startsWith("file:")) return { file: localFile(resolve(folder, location), pins, place) };
  const url = URL.parse(location) ?? unusableLocation(location, place, "it is no URL");
  return { file: localFile(pathOfUrl(url, location, place), [...pins, ...fragmentPins(url, place)], place) };
}

function pathOfUrl(url: URL, location: string, place: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    return unusableLocation(location, place, messageOf(error));
  }
}

function unusableLocation(location: string, place: string, why: string): never {
  throw new UsageError("invalid-url", `${place}: "${location}" names no file: ${why}`);
}

interface Gathered {
  readonly entries: readonly Asked[];
  readonly constraints: readonly Asked[];
  readonly options: readonly FileOption[];
}

/** Follows `-r` and `-c` from file to file, each file once; projects and their groups stand for what they require. */
async function gather(options: RequestOptions, host: Host): Promise<Gathered> {
  const { requirement = [], constraint = [] } = options;
  const gathered = { entries: [] as Asked[], constraints: [] as Asked[], options: [] as FileOption[] };
  const seen = new Map<Asked[], Set<string>>();
  const follow = async (path: string, shown: string, into: Asked[], place?: string) => {
    // What constrains one list may ask for something in another.
    const read = seen.get(into) ?? new Set();
    seen.set(into, read);
    if (read.has(path)) return;
    read.add(path);
    checkRequirementsFile(path, shown);
    const text = requirementsText(await readBytes(path, `"${shown}"`, place), shown);
    const { entries, options } = parseRequirementsFile(text, shown, host.env);
    into.push(...entries.map((entry) => toAsked(entry, dirname(path))));
    for (const option of options) {
      if (option.name === "--requirement" || option.name === "--constraint") {
        const next = option.name === "--constraint" ? gathered.constraints : into;
        await follow(resolve(dirname(path), option.value), join(dirname(shown), option.value), next, option.place);
      } else gathered.options.push(option);
    }
  };
  const files = requirement.filter((file) => !isProjectFile(file));
  gathered.entries.push(...(await readProjects(options, host)));
  for (const file of files) await follow(resolve(host.cwd, file), file, gathered.entries);
  for (const file of constraint) await follow(resolve(host.cwd, file), file, gathered.constraints);
  return gathered;
}

/** What is no requirements file is told apart by its name: read as one, it would give errors that help nobody. */
function checkRequirementsFile(path: string, shown: string): void {
  if (/^https?:/i.test(shown)) {
    throw new UsageError("unsupported-url", `tspip does not fetch requirements files: "${shown}"`, {
      hint: "Download it, look at it, and name the file",
    });
  }
  if (/^(?:pylock\.(?:[^.]+\.)?toml|(?:uv|poetry|pdm|Pipfile)\.lock)$/.test(basename(path)))
    throw new UsageError("invalid-requirements-file", `"${shown}" is a lock file: give it with --lock`);
}

function isProjectFile(file: string): boolean {
  return basename(file) === "pyproject.toml";
}

/** `-r pyproject.toml` with `--extra`, and `--group [PATH:]NAME` as pip has it. With a lock file both are the lock's. */
async function readProjects({ requirement = [], ...options }: RequestOptions, host: Host): Promise<Asked[]> {
  const files = requirement.filter(isProjectFile);
  const isLocks = options.lock !== undefined;
  if (files.length === 0 && (options.extra !== undefined || options.allExtras === true) && !isLocks) {
    throw new UsageError(
      "nothing-asked",
      "--extra and --all-extras are about a project: give -r pyproject.toml or --lock",
    );
  }
  const extras = options.allExtras === true ? "all" : (options.extra ?? []);
  const wanted = new Map<string, { project: boolean; groups: string[] | "all" }>();
  const about = (file: string) => {
    const known = wanted.get(file) ?? { project: files.includes(file), groups: [] };
    wanted.set(file, known);
    return known;
  };
  for (const file of files) about(file);
  const [main = "pyproject.toml"] = files;
  if (!isLocks && options.allGroups === true) about(main).groups = "all";
  for (const name of isLocks ? [] : (options.group ?? [])) {
    const at = name.lastIndexOf(":");
    const { groups } = about(at === -1 ? main : name.slice(0, at));
    if (groups !== "all") groups.push(name.slice(at + 1));
  }
  const read = await Promise.all(
    [...wanted].map(async ([file, { project, groups }]) => {
      const text = await readText(resolve(host.cwd, file), `"${file}"`);
      return projectRequirements(text, file, { project, groups, extras: project ? extras : [] });
    }),
  );
  return read.flat().map((each) => ({ requirement: { ...each, pins: [] } }));
}

function toAsked(entry: RequirementsEntry, folder: string): Asked {
  const { pins, place } = entry;
  return entry.kind === "requirement"
    ? { requirement: { requirement: entry.requirement, pins, place } }
    : locate(entry.location, folder, pins, place);
}

/**
 * Reads a lock file, with the parts of it that the options ask for.
 * @param memory what earlier runs chose from it; given where nothing else of the lock is of interest
 * @throws UsageError
 */
export async function readLock(
  file: string,
  options: RequestOptions,
  { cwd }: Pick<Host, "cwd">,
  memory?: JsonStore,
): Promise<RequestedLock> {
  const path = resolve(cwd, file);
  const text = await readText(path, `"${file}"`);
  const wanted = wantedParts(options);
  const project = wanted.groups === "default" ? await projectBeside(path, file) : undefined;
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

async function projectBeside(lock: string, shownLock: string): Promise<ProjectText | undefined> {
  const beside = (file: string) => join(dirname(file), "pyproject.toml");
  const [path, shown] = [beside(lock), beside(shownLock)];
  return existsSync(path) ? { text: await readText(path, `"${shown}"`), shown } : undefined;
}

function withDefaultGroups(lock: LockFile, project: ProjectText | undefined): LockFile {
  if (lock.hasGroupsInProject !== true || project === undefined) return lock;
  const groups = uvDefaultGroups(project.text, project.shown);
  return { ...lock, defaultGroups: groups === "all" ? lock.groups : (groups ?? lock.defaultGroups) };
}

function wantedParts({ extra = [], allExtras, group, allGroups }: RequestOptions): WantedParts {
  return {
    extras: allExtras === true ? "all" : extra,
    groups: allGroups === true ? "all" : (group ?? "default"),
  };
}
