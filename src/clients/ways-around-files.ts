import { requirementsLines } from "../distribution/requirements-lines.ts";
import { isTable, type Table, tableIn } from "../encoding/table.ts";
import type { Env } from "./environment.ts";
import { requirementsInPipWords } from "./pip-words.ts";
import { wheelPaths } from "./requirements-files.ts";
import { hiddenInPipWords, isDirect, type WayAround } from "./ways-around.ts";
import { splitWords } from "./wrappers.ts";

/** What in a requirements file leads around the gate. pip reads the options in it as it does its own. */
export function waysAroundInRequirements(text: string, file: string, env: Env = {}): WayAround[] {
  return requirementsLines(text, env).flatMap(({ line, number }): WayAround[] => {
    const place = `${file}:${number}`;
    const found = line.startsWith("-") ? hiddenInPipWords(splitWords(line), place) : [];
    if (found.length > 0) return found;
    const unquoted = line.startsWith("-") ? splitWords(line).join(" ") : line;
    if (isDirect(unquoted)) return [{ what: line, place, why: "is fetched directly" }];
    return wheelPaths(line).length > 0
      ? [{ what: line, place, why: "is a file of this machine, and passes no gate" }]
      : [];
  });
}

/** The requirements and constraints files that a requirements file names, as it has them. */
export function filesInRequirements(text: string, env: Env = {}): string[] {
  return requirementsLines(text, env).flatMap(({ line }) =>
    line.startsWith("-") ? requirementsInPipWords(splitWords(line)) : [],
  );
}

/** What in pyproject.toml makes uv, PDM or poetry go elsewhere. */
export function waysAroundInProject(project: Table, file = "pyproject.toml"): WayAround[] {
  const tool = tableIn(project, "tool");
  const [uv, pdm, poetry] = [tableIn(tool, "uv"), tableIn(tool, "pdm"), tableIn(tool, "poetry")];
  const why = "names an index of its own: what comes from there passes no gate";
  // uv reads no configuration behind the gate, so that index is only missed.
  const unread = "is not asked behind the gate: name the index to tspip run";
  return [
    ...dependencyLists(project).flatMap(([key, list]) => directIn(list, key, file)),
    ...(listIn(uv, "index").length > 0 ? [{ what: "tool.uv.index", place: file, why: unread }] : []),
    ...Object.entries(tableIn(uv, "sources")).flatMap(([name, source]) => sourceWay(name, source, file)),
    ...(listIn(pdm, "source").length > 0 ? [{ what: "tool.pdm.source", place: file, why }] : []),
    ...(listIn(poetry, "source").length > 0 ? [{ what: "tool.poetry.source", place: file, why }] : []),
    ...Object.keys(tableIn(poetry, "requires-plugins")).map((name) => ({
      what: `tool.poetry.requires-plugins.${name}`,
      place: file,
      why: "is installed by poetry for itself, past the gate",
    })),
  ];
}

/**
 * The table that a script carries about itself (PEP 723), as TOML; undefined where it has none.
 * `uv run`, `pipx run` and `pip install --requirements-from-script` go by it.
 */
export function scriptMetadata(text: string): string | undefined {
  const [, block] =
    /^# \/\/\/ script[^\S\n]*\n((?:#(?:| .*)\n)+)# \/\/\/[^\S\n]*$/m.exec(text.replaceAll("\r\n", "\n")) ?? [];
  return block?.replace(/^# ?/gm, "");
}

/** What in that table leads around the gate. */
export function waysAroundInScript(metadata: Table, file: string): WayAround[] {
  return [...directIn(listIn(metadata, "dependencies"), "dependencies", file), ...waysAroundInProject(metadata, file)];
}

/** Where a pyproject.toml lists requirements: PEP 621, PEP 735, PEP 518. */
function dependencyLists(project: Table): (readonly [key: string, list: readonly unknown[]])[] {
  const about = tableIn(project, "project");
  const [extras, groups] = [tableIn(about, "optional-dependencies"), tableIn(project, "dependency-groups")];
  return [
    ["project.dependencies", listIn(about, "dependencies")],
    ...Object.keys(extras).map((name) => [`project.optional-dependencies.${name}`, listIn(extras, name)] as const),
    ...Object.keys(groups).map((name) => [`dependency-groups.${name}`, listIn(groups, name)] as const),
    ["build-system.requires", listIn(tableIn(project, "build-system"), "requires")],
  ];
}

function directIn(list: readonly unknown[], key: string, file: string): WayAround[] {
  return list
    .filter((requirement) => typeof requirement === "string" && isDirect(requirement))
    .map((requirement) => ({ what: String(requirement), place: `${file} (${key})`, why: "is fetched directly" }));
}

/** What in a Pipfile makes pipenv go elsewhere: its mirror takes the place of the public index only. */
export function waysAroundInPipfile(pipfile: Table, file = "Pipfile"): WayAround[] {
  return listIn(pipfile, "source").flatMap((source) => otherSource(source, file));
}

/** The same in a Pipfile.lock, which pipenv goes by when it has one. */
export function waysAroundInPipfileLock(lock: Table, file = "Pipfile.lock"): WayAround[] {
  return listIn(tableIn(lock, "_meta"), "sources").flatMap((source) => otherSource(source, file));
}

function otherSource(source: unknown, file: string): WayAround[] {
  if (!isTable(source) || typeof source.url !== "string" || isMirrored(source.url)) return [];
  const why = "is an index of its own: what comes from there passes no gate";
  return [{ what: URL.parse(source.url)?.host || source.url, place: file, why }];
}

/** Whether pipenv asks its mirror in place of `url` (pipenv/utils/internet.py). */
function isMirrored(url: string): boolean {
  return /^https?:\/\/pypi(?:\.python)?\.org\/simple\/?$/.test(url);
}

/** What in the settings that PDM keeps beside a project makes it go elsewhere: a table for each further index. */
export function waysAroundInPdmToml(settings: Table, file = "pdm.toml"): WayAround[] {
  const why = "is an index of its own: what comes from there passes no gate";
  return Object.entries(tableIn(settings, "pypi"))
    .filter(([, index]) => isTable(index))
    .map(([name]) => ({ what: `pypi.${name}`, place: file, why }));
}

function sourceWay(name: string, source: unknown, file: string): WayAround[] {
  const sources = Array.isArray(source) ? source : [source];
  return sources.flatMap((each: unknown) => {
    const kind = isTable(each) ? ["git", "url", "index"].find((key) => Object.hasOwn(each, key)) : undefined;
    if (kind === undefined) return [];
    return [{ what: `tool.uv.sources.${name}`, place: file, why: `gets "${name}" past the gate (${kind})` }];
  });
}

function listIn(table: Table, key: string): readonly unknown[] {
  const value = table[key];
  return Array.isArray(value) ? value : [];
}
