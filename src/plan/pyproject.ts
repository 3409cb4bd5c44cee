import { isProjectName, normalizeProjectName, type ProjectName } from "../distribution/project-name.ts";
import { parseRequirement, type Requirement } from "../distribution/requirement.ts";
import { isTable, type Table } from "../encoding/table.ts";
import { parseToml } from "../encoding/toml.ts";
import { TspipError, UsageError } from "../errors.ts";

/** What is wanted of a project, besides its dependencies where those are wanted at all. */
export interface WantedDependencies {
  /** Whether the project's own dependencies are wanted, as opposed to groups only. */
  readonly project: boolean;
  readonly extras: readonly string[] | "all";
  readonly groups: readonly string[] | "all";
}

/** A requirement of a project, and where it stands: `pyproject.toml, dependency-groups.test`. */
export interface ProjectRequirement {
  readonly requirement: Requirement;
  readonly place: string;
}

/**
 * Reads requirements out of pyproject.toml: `project.dependencies`, extras (PyPA: declaring project metadata) and
 * dependency groups (PEP 735). Nothing is built, so what the project leaves to its build back end is an error.
 * @param file the file's name, for messages
 * @throws UsageError `invalid-pyproject`, `no-such-group`
 */
export function projectRequirements(text: string, file: string, wanted: WantedDependencies): ProjectRequirement[] {
  const root = readToml(text, file);
  return [
    ...(wanted.project ? ownRequirements(tableAt(root, "project", file), file, wanted.extras) : []),
    ...groupRequirements(tableAt(root, "dependency-groups", file), file, wanted.groups),
  ];
}

/**
 * `tool.uv.default-groups`: the groups that `uv sync` installs where nobody asks for others; nothing where it does not say.
 * @param file the file's name, for messages
 * @throws UsageError `invalid-pyproject`
 */
export function uvDefaultGroups(text: string, file: string): readonly string[] | "all" | undefined {
  const uv = tableAt(tableAt(readToml(text, file), "tool", file), "uv", file);
  const groups = uv["default-groups"];
  if (groups === undefined || groups === "all") return groups;
  if (Array.isArray(groups) && groups.every((group) => typeof group === "string")) return groups.map(normalized);
  throw invalid(file, 'tool.uv.default-groups is neither "all" nor a list of names');
}

function ownRequirements(project: Table, file: string, wanted: WantedDependencies["extras"]): ProjectRequirement[] {
  checkStatic(project, file, wanted);
  const name =
    typeof project.name === "string" && isProjectName(project.name) ? normalizeProjectName(project.name) : "";
  const extras = listsOf(tableAt(project, "optional-dependencies", file), `${file}, project.optional-dependencies`);
  const chosen = wanted === "all" ? [...extras.keys()] : wanted;
  const own = requirementsIn(project.dependencies ?? [], `${file}, project.dependencies`);
  // `NAME[more]` in the project called NAME is its extra `more`.
  const isOwn = ({ requirement }: ProjectRequirement) => requirement.name === name && requirement.marker === undefined;
  const found = own.filter((entry) => !isOwn(entry));
  const asked = new Set([
    ...own.filter(isOwn).flatMap(({ requirement }) => requirement.extras),
    ...chosen.map(normalized),
  ]);
  // What a loop goes over may grow meanwhile: extras may name each other thousands deep, and in a circle.
  for (const extra of asked) {
    const list = extras.get(extra) ?? unknown("extra", extra, [...extras.keys()], file);
    for (const entry of requirementsIn(list, `${file}, project.optional-dependencies.${extra}`))
      if (isOwn(entry)) for (const more of entry.requirement.extras) asked.add(more);
      else found.push(entry);
  }
  return found;
}

function checkStatic({ dynamic }: Table, file: string, extras: WantedDependencies["extras"]): void {
  const fields = ["dependencies", ...(extras.length > 0 ? ["optional-dependencies"] : [])];
  const field = Array.isArray(dynamic) ? fields.find((name) => dynamic.includes(name)) : undefined;
  if (field === undefined) return;
  throw invalid(file, `project.${field} is dynamic: only building the project would tell it`, {
    hint: "Write the dependencies into pyproject.toml, or lock them with the project's own tool and give --lock",
  });
}

/** Groups in groups in groups; real ones are three or four deep. */
const maxDepth = 64;

/** PEP 735: names in normal form, groups in groups, no circles. One that is included again adds nothing. */
function groupRequirements(table: Table, file: string, wanted: WantedDependencies["groups"]): ProjectRequirement[] {
  const groups = listsOf(table, `${file}, dependency-groups`);
  const taken = new Set<string>();
  return (wanted === "all" ? [...groups.keys()] : wanted).flatMap((name) => ofGroup(name, []));

  function ofGroup(name: string, within: readonly string[]): ProjectRequirement[] {
    const key = normalized(name);
    const list = groups.get(key) ?? unknown("dependency group", name, [...groups.keys()], file);
    if (within.includes(key))
      throw invalid(file, `dependency groups include each other in a circle: ${[...within, key].join(" → ")}`);
    const place = `${file}, dependency-groups.${name}`;
    if (within.length >= maxDepth) throw invalid(place, `is included over more than ${maxDepth} groups`);
    if (taken.has(key)) return [];
    taken.add(key);
    return list.flatMap((entry) => {
      if (typeof entry === "string") return requirementsIn([entry], place);
      if (isTable(entry) && typeof entry["include-group"] === "string" && Object.keys(entry).length === 1)
        return ofGroup(entry["include-group"], [...within, key]);
      throw invalid(place, "an entry is neither a requirement nor { include-group = NAME }");
    });
  }
}

function requirementsIn(list: unknown, place: string): ProjectRequirement[] {
  if (!Array.isArray(list)) throw invalid(place, "is not a list of requirements");
  return list.map((entry) => {
    if (typeof entry !== "string") throw invalid(place, "an entry is not a requirement");
    try {
      return { requirement: parseRequirement(entry), place };
    } catch (error) {
      if (!(error instanceof TspipError)) throw error;
      throw invalid(place, error.message);
    }
  });
}

/** The lists of a table under the normal form of their names, in which two names may be one. */
function listsOf(table: Table, place: string): Map<string, readonly unknown[]> {
  const lists = new Map<string, readonly unknown[]>();
  for (const [name, list] of Object.entries(table)) {
    if (!Array.isArray(list)) throw invalid(place, `"${name}" is not a list`);
    if (lists.has(normalized(name))) throw invalid(place, `"${name}" stands there twice, in two spellings`);
    lists.set(normalized(name), list);
  }
  return lists;
}

function normalized(name: string): ProjectName | string {
  return isProjectName(name) ? normalizeProjectName(name) : name;
}

function unknown(what: string, name: string, known: readonly string[], file: string): never {
  throw new UsageError("no-such-group", `${file}: there is no ${what} "${name}"`, {
    hint: known.length === 0 ? `It has no ${what}` : `It has ${known.join(", ")}`,
  });
}

function readToml(text: string, file: string): Table {
  return parseToml(text, (place, why, cause) => {
    throw invalid(`${file}${place}`, why, { cause });
  });
}

function tableAt(table: Table, key: string, file: string): Table {
  const value = Object.hasOwn(table, key) ? table[key] : {};
  return isTable(value) ? value : invalidTable(key, file);
}

function invalidTable(key: string, file: string): never {
  throw invalid(file, `"${key}" is not a table`);
}

function invalid(place: string, why: string, options: { hint?: string; cause?: unknown } = {}): UsageError {
  return new UsageError("invalid-pyproject", `${place}: ${why}`, options);
}
