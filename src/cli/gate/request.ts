import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import type { JsonStore } from "../../memory/json-store.ts";
import type { PlanRequest, RequestedRequirement } from "../../plan/plan-request.ts";
import { projectRequirements } from "../../plan/pyproject.ts";
import { type FileOption, parseRequirementsFile, type RequirementsEntry } from "../../plan/requirements-file.ts";
import { requirementsText } from "../../plan/requirements-text.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { readBytes, readText } from "../read-text.ts";
import { type Asked, locate, readWord } from "./read-word.ts";
import { type LockOptions, readLock } from "./requested-lock.ts";

/** Where requirements and lock files are named, and what of them. */
export type RequestOptions = LockOptions &
  Partial<Pick<GateOptions, "requirement" | "constraint" | "lock" | "pre" | "requireHashes">>;

/** What the user asked for, and the index options that stand in requirements files. */
export interface UserRequest {
  readonly plan: PlanRequest;
  readonly indexOptions: readonly FileOption[];
}

/**
 * Reads arguments, requirements and constraints files, and the lock file. What cannot be read, or has a mistake, is an
 * error before anything else happens.
 * @throws UsageError naming the file and the line
 */
export async function readRequest(
  words: readonly string[],
  options: RequestOptions,
  host: Host,
  { severalPerProject = false, otherwise, memory, everyFittingFile }: ReadOptions = {},
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

/** What a command makes of what it is given. */
export interface ReadOptions {
  /** See PlanRequest. */
  readonly severalPerProject?: boolean;
  /** What is asked for where the user names nothing. */
  readonly otherwise?: Pick<PlanRequest, "locks" | "files"> | undefined;
  /** See readLock. */
  readonly memory?: JsonStore | undefined;
  /** See RequestedLock. */
  readonly everyFittingFile?: boolean | undefined;
}

/** Whom a file without a name would constrain, pip does not ask either. */
function toConstraint({ requirement, file }: Asked): RequestedRequirement {
  if (requirement !== undefined) return requirement;
  throw new UsageError("invalid-requirements-file", `${file?.place}: a constraint by path has no name of a project`, {
    hint: "Write NAME @ file:///PATH",
  });
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
    const text = requirementsText(await readBytes(path, `"${shown}"`, host, place), shown);
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
      const text = await readText(resolve(host.cwd, file), `"${file}"`, host);
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
