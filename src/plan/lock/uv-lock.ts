import { evaluateMarker } from "../../distribution/evaluate-marker.ts";
import { type Marker, type MarkerEnvironment, parseMarker } from "../../distribution/marker.ts";
import { normalizeProjectName, type ProjectName } from "../../distribution/project-name.ts";
import type { Requirement } from "../../distribution/requirement.ts";
import { parseSpecifierSet } from "../../distribution/specifier.ts";
import { parseVersion } from "../../distribution/version.ts";
import { UsageError } from "../../errors.ts";
import type { LockChoice, LockedPackage, LockFile } from "../lock-file.ts";
import type { LockTable } from "./lock-table.ts";
import { lockedFiles } from "./locked-file.ts";
import { extraMarker, lockedRequirement } from "./locked-requirement.ts";
import { tableLines } from "./package-lines.ts";
import { bothMarkers } from "./select-by-marker.ts";

/** A package of the lock with its edges: uv puts markers on dependencies, and a version may be for some environments. */
interface Node extends Dependencies {
  /** Absent for the project itself and the members of its workspace, which nobody installs from the lock. */
  readonly locked?: LockedPackage;
  readonly name: ProjectName;
  readonly version: string | undefined;
  /** As JSON, since edges repeat it to tell packages of one name apart. */
  readonly source: string;
}

interface Dependencies {
  readonly dependencies: readonly Edge[];
  readonly extras: ReadonlyMap<string, readonly Edge[]>;
  readonly groups: ReadonlyMap<string, readonly Edge[]>;
}

interface Edge {
  readonly name: ProjectName;
  readonly version: string | undefined;
  readonly source: string | undefined;
  readonly marker: Marker | undefined;
  readonly extras: readonly string[];
}

const ownKeys = ["requires-python", "package", "distribution", "manifest", "conflicts"];

/**
 * `uv.lock`, version 1. The format is uv's own; what is read is what `uv sync` installs: everything that the project, the
 * members of its workspace and the requirements of a script reach, with the groups that uv takes by default.
 */
export function readUvLock(root: LockTable, text: string): LockFile {
  const version = root.number("version");
  if (version !== 1) root.fail(`version is ${version}, tspip reads version 1 of uv.lock`);
  // A policy has a version as well, and would be a lock of nothing.
  if (!ownKeys.some((key) => root.has(key))) root.fail("it has nothing of a uv.lock but its version");
  if (root.has("conflicts")) {
    throw new UsageError("unsupported-lock-file", "A uv.lock with conflicting extras or groups is not read", {
      hint: "Write the lock for the ones you install: uv export --format pylock.toml --output-file pylock.toml",
    });
  }
  const [manifest] = root.table("manifest");
  const members = new Set((manifest?.strings("members") ?? []).map(normalizeProjectName));
  // uv takes the older name as well.
  const key = root.has("distribution") ? "distribution" : "package";
  if (key === "distribution" && root.has("package")) root.fail('it has both "package" and "distribution"');
  const tables = root.tables(key);
  const lines = tableLines(text, key, tables.length);
  const nodes = tables.map((table, at) => readNode(table, members, lines[at]));
  const roots: Dependencies[] = nodes.filter(({ locked }) => locked === undefined);
  if (manifest !== undefined) roots.push(manifestDependencies(manifest));
  const requiresPython = root.parsed("requires-python", parseSpecifierSet);
  const groups = [...new Set(roots.flatMap((dependencies) => [...dependencies.groups.keys()]))];
  return {
    ...(requiresPython && { requiresPython }),
    // `supported-markers` narrows down what uv resolves for, and each edge has its marker anyway.
    environments: [],
    packages: nodes.flatMap(({ locked }) => locked ?? []),
    extras: [...new Set(roots.flatMap(({ extras }) => [...extras.keys()]))],
    groups,
    // uv: `default-groups` is `dev` unless pyproject.toml says otherwise, which the lock does not show.
    defaultGroups: groups.filter((group) => group === "dev"),
    hasGroupsInProject: true,
    select: (choice, environment) => reachable(roots, nodes, choice, environment, root),
    requests: () =>
      roots.flatMap(({ dependencies, extras, groups }) =>
        [...dependencies, ...[...extras.values()].flat(), ...[...groups.values()].flat()].map(lockedRequirement),
      ),
  };
}

function readNode(table: LockTable, members: ReadonlySet<ProjectName>, line: number | undefined): Node {
  const name = table.parsed("name", normalizeProjectName) ?? table.fail("a package has no name");
  const [source] = table.table("source");
  if (source === undefined) return table.fail(`package "${name}" has no source`);
  const stated = sourceKinds.filter((kind) => source.has(kind));
  // uv goes by one of them and passes over the others.
  if (stated.length > 1) source.fail(`package "${name}" has a source of several kinds: ${stated.join(", ")}`);
  const isFolder = ["virtual", "editable", "directory"].some((kind) => source.has(kind));
  const isOwn = isFolder && (members.has(name) || ["virtual", "editable"].some((kind) => source.string(kind) === "."));
  const dependencies = dependenciesOf(table);
  const requires = () => requirementsOf(dependencies);
  const locked = isOwn ? {} : { locked: { ...lockedPackage(table, name, source, line), requires } };
  return { ...locked, name, version: table.string("version"), source: identityOf(source), ...dependencies };
}

const sourceKinds = ["registry", "git", "url", "path", "directory", "editable", "virtual"] as const;

function requirementsOf({ dependencies, extras }: Dependencies): Requirement[] {
  const ofExtras = [...extras].flatMap(([extra, edges]) =>
    edges.map((edge) => ({ ...edge, marker: bothMarkers(edge.marker, extraMarker(extra)) })),
  );
  return [...dependencies, ...ofExtras].map(lockedRequirement);
}

function lockedPackage(
  table: LockTable,
  name: ProjectName,
  source: LockTable,
  line: number | undefined,
): LockedPackage {
  const version = table.parsed("version", parseVersion);
  const unsupported = unsupportedSource(source);
  const registry = source.string("registry");
  // A registry may be a folder: a flat index.
  const isIndex = registry !== undefined && /^https?:/i.test(registry);
  const base = registry !== undefined && !isIndex ? source.fileUrl(`${registry}/`) : undefined;
  const index = isIndex ? source.parsed("registry", (url) => new URL(url)) : undefined;
  const sdist = table.table("sdist");
  const isDirect = source.has("path") || source.has("url");
  const direct = isDirect ? () => directUrl(source) : undefined;
  const files = lockedFiles([...table.tables("wheels"), ...sdist], name, { base, direct });
  if (unsupported === undefined && files.length === 0) table.fail(`package "${name}" has no file with a sha256`);
  return {
    name,
    files,
    pins: [],
    ...(version && { version }),
    ...(index && { index }),
    ...(unsupported && { unsupported }),
    ...(line !== undefined && { line }),
  };
}

/** Of a package that is locked to one wheel, by URL or path. */
function directUrl(source: LockTable): URL {
  const path = source.string("path");
  if (path !== undefined) return source.fileUrl(path);
  return source.parsed("url", (url) => new URL(url)) ?? source.fail("the source has neither url nor path");
}

function unsupportedSource(source: LockTable): string | undefined {
  if (source.has("git")) return "a git repository";
  if (source.has("editable")) return "a folder, to be installed in place";
  if (source.has("directory") || source.has("virtual")) return "a folder";
  return undefined;
}

function identityOf(source: LockTable): string {
  return JSON.stringify(source.keys.sort().map((key) => [key, source.isText(key) ? source.string(key) : ""]));
}

function dependenciesOf(table: LockTable): Dependencies {
  return {
    dependencies: table.tables("dependencies").map(readEdge),
    extras: edgesByName(table, "optional-dependencies"),
    // uv takes either name.
    groups: edgesByName(table, table.has("dependency-groups") ? "dependency-groups" : "dev-dependencies"),
  };
}

/** What scripts and projects without metadata ask for. */
function manifestDependencies(manifest: LockTable): Dependencies {
  return {
    dependencies: manifest.tables("requirements").map(readEdge),
    extras: new Map(),
    groups: edgesByName(manifest, "dependency-groups"),
  };
}

function edgesByName(table: LockTable, key: string): Map<string, Edge[]> {
  const [byName] = table.table(key);
  return new Map((byName?.keys ?? []).map((name) => [name, (byName?.tables(name) ?? []).map(readEdge)]));
}

function readEdge(table: LockTable): Edge {
  const [source] = table.table("source");
  return {
    name: table.parsed("name", normalizeProjectName) ?? table.fail("a dependency has no name"),
    version: table.string("version"),
    source: source && identityOf(source),
    marker: table.parsed("marker", parseMarker),
    extras: [...table.strings("extra"), ...table.strings("extras")],
  };
}

/** Follows the edges whose markers hold, from the roots on; each extra of a package opens further edges. */
function reachable(
  roots: readonly Dependencies[],
  nodes: readonly Node[],
  choice: LockChoice,
  environment: MarkerEnvironment,
  root: LockTable,
): LockedPackage[] {
  const byName = Map.groupBy(nodes, ({ name }) => name);
  const reached = new Map<Node, Set<string>>();
  const chosen = (byName: ReadonlyMap<string, readonly Edge[]>, names: readonly string[]) =>
    names.flatMap((name) => byName.get(name) ?? []);
  const queue = roots.flatMap(({ dependencies, extras, groups }) => [
    ...dependencies,
    ...chosen(extras, choice.extras),
    ...chosen(groups, choice.groups),
  ]);
  // What a loop goes over may grow meanwhile.
  for (const edge of queue) {
    if (edge.marker !== undefined && !evaluateMarker(edge.marker, { ...environment, extra: "" })) continue;
    for (const node of targets(edge, byName.get(edge.name) ?? [], root)) {
      const known = reached.get(node);
      if (known === undefined) for (const next of node.dependencies) queue.push(next);
      const extras = known ?? new Set<string>();
      const fresh = edge.extras.filter((extra) => !extras.has(extra));
      for (const extra of fresh) extras.add(extra);
      for (const next of chosen(node.extras, fresh)) queue.push(next);
      reached.set(node, extras);
    }
  }
  return nodes.flatMap((node) => (reached.has(node) && node.locked !== undefined ? [node.locked] : []));
}

/** uv names version and source where the name alone does not say which package is meant. */
function targets(edge: Edge, named: readonly Node[], root: LockTable): readonly Node[] {
  const fitting = named.filter(
    ({ version, source }) =>
      (edge.version === undefined || edge.version === version) && (edge.source === undefined || edge.source === source),
  );
  return fitting.length > 0 ? fitting : root.fail(`a dependency on "${edge.name}" leads to no package`);
}
