import { parseMarker } from "../../distribution/marker.ts";
import { normalizeProjectName, type ProjectName } from "../../distribution/project-name.ts";
import type { Requirement } from "../../distribution/requirement.ts";
import { parseSpecifierSet, type SpecifierSet } from "../../distribution/specifier.ts";
import { parseVersion } from "../../distribution/version.ts";
import type { LockedPackage, LockFile } from "../lock-file.ts";
import { type IncomingEdge, incomingMarkers } from "./incoming-markers.ts";
import type { LockTable } from "./lock-table.ts";
import { lockedFiles } from "./locked-file.ts";
import { anyVersion, lockedRequirement } from "./locked-requirement.ts";
import { tableLines } from "./package-lines.ts";
import { mainGroup, selectByMarker } from "./select-by-marker.ts";

/**
 * `poetry.lock`, lock-version 1.0 to 2.x. Since 2.1 each package says its groups and markers. Before, a package is taken
 * whatever its group, unless it is optional, by the markers of what depends on it.
 */
export function readPoetryLock(root: LockTable, text: string): LockFile {
  const [metadata] = root.table("metadata");
  const version = metadata?.string("lock-version") ?? "";
  if (!/^[12]\.\d+$/.test(version)) root.fail(`lock-version is "${version}", tspip reads 1.0 to 2.x of poetry.lock`);
  const tables = root.tables("package");
  const lines = tableLines(text, "package", tables.length);
  const incoming = incomingMarkers(tables.flatMap(edgesOf));
  const filesTable = metadata?.table("files").at(0);
  const packages = tables.flatMap((table, at) => {
    const files = table.has("files") ? table.tables("files") : filesOf(table, filesTable);
    const locked = lockedPackage(table, files, lines[at]);
    return table.has("groups") ? inGroups(table, locked) : asOfOld(table, locked, incoming(locked.name));
  });
  const groups = new Set(packages.flatMap(({ groups = [] }) => groups));
  groups.delete(mainGroup);
  return {
    environments: [],
    packages,
    extras: root.table("extras").flatMap((extras) => extras.keys),
    groups: [...groups].sort(),
    // poetry installs every group that pyproject.toml does not call optional, and the lock does not say which are.
    defaultGroups: [...groups],
    select: selectByMarker(packages),
  };
}

function lockedPackage(table: LockTable, files: readonly LockTable[], line: number | undefined): LockedPackage {
  const name = table.parsed("name", normalizeProjectName) ?? table.fail("a package has no name");
  const version = table.parsed("version", parseVersion);
  const [source] = table.table("source");
  const type = source?.string("type");
  const unsupported = type === undefined ? undefined : unsupportedTypes.get(type);
  if (type !== undefined && unsupported === undefined && !fileTypes.has(type))
    source?.fail(`"type" is "${type}", which tspip does not know`);
  const index = type === "legacy" ? source?.parsed("url", (url) => new URL(url)) : undefined;
  const direct = source !== undefined && (type === "url" || type === "file") ? () => urlOf(source) : undefined;
  refuseOtherArchives(files);
  const locked = lockedFiles(files, name, { direct });
  if (unsupported === undefined && locked.length === 0) table.fail(`package "${name}" has no file with a sha256`);
  return {
    name,
    files: locked,
    pins: [],
    ...(version && { version }),
    ...(index && { index }),
    ...(unsupported && { unsupported }),
    requires: () => requirementsOf(table),
    ...(line !== undefined && { line }),
  };
}

/** poetry does not count these among source distributions, and so builds them where it is told to build none. */
function refuseOtherArchives(files: readonly LockTable[]): void {
  for (const file of files) {
    const name = file.string("file") ?? "";
    if (/\.tar(?:\.xz|\.z)?$/i.test(name)) file.fail(`"${name}" is an archive that poetry builds whatever it is told`);
  }
}

/** What the files of a package come from: an index, a URL, a path. */
const fileTypes: ReadonlySet<string> = new Set(["legacy", "url", "file"]);
const unsupportedTypes: ReadonlyMap<string, string> = new Map([
  ["git", "a git repository"],
  ["hg", "a Mercurial repository"],
  ["directory", "a folder"],
]);

function urlOf(source: LockTable): URL {
  const text = source.string("url") ?? source.fail("the source has no url");
  return source.string("type") === "file" ? source.fileUrl(text) : source.attempt("url", () => new URL(text));
}

/** `markers` is one marker for all groups, or one for each. */
function inGroups(table: LockTable, locked: LockedPackage): LockedPackage[] {
  const groups = table.strings("groups");
  if (!table.isTable("markers")) {
    const marker = table.parsed("markers", parseMarker);
    return [{ ...locked, groups, ...(marker && { marker }) }];
  }
  const [markers] = table.table("markers");
  return groups.map((group) => {
    const marker = markers?.parsed(group, parseMarker);
    return { ...locked, groups: [group], ...(marker && { marker }) };
  });
}

function asOfOld(table: LockTable, locked: LockedPackage, marker: LockedPackage["marker"]): LockedPackage[] {
  if (table.boolean("optional")) return [{ ...locked, groups: ["optional"] }];
  // lock-version 1.0: `category`.
  const groups = table.string("category") === "dev" ? ["dev"] : [mainGroup];
  return [{ ...locked, ...(table.has("category") && { groups }), ...(marker && { marker }) }];
}

function requirementsOf(table: LockTable): Requirement[] {
  return edgesOf(table).map(({ constraint, ...edge }) => ({
    ...lockedRequirement(edge),
    specifiers: fitting(constraint),
  }));
}

/** poetry's constraints are mostly version specifiers; those that are not say nothing here. */
function fitting(constraint = "*"): SpecifierSet {
  try {
    return constraint === "*" ? anyVersion : parseSpecifierSet(constraint);
  } catch {
    return anyVersion;
  }
}

interface PoetryEdge extends IncomingEdge {
  readonly constraint: string | undefined;
  readonly extras: readonly string[];
}

/** Dependencies are versions, tables with a version and markers, or lists of such tables. */
function edgesOf(table: LockTable): PoetryEdge[] {
  const [dependencies] = table.table("dependencies");
  if (dependencies === undefined) return [];
  return dependencies.keys.flatMap((key): PoetryEdge[] => {
    const name = dependencies.attempt(key, () => normalizeProjectName(key));
    if (dependencies.isText(key)) return [{ name, constraint: dependencies.string(key), extras: [] }];
    const alternatives = dependencies.isTable(key) ? dependencies.table(key) : dependencies.tables(key);
    return alternatives.map((one) => ({
      name,
      constraint: one.string("version"),
      extras: one.strings("extras").map(normalizeProjectName),
      marker: one.parsed("markers", parseMarker),
    }));
  });
}

/** lock-version 1.x keeps the files of all packages in one table, by the names as they were written. */
function filesOf(table: LockTable, files: LockTable | undefined): LockTable[] {
  const name = table.parsed("name", normalizeProjectName);
  const key = files?.keys.find((key) => normalized(key) === name);
  return key === undefined ? [] : (files?.tables(key) ?? []);
}

function normalized(text: string): ProjectName | undefined {
  try {
    return normalizeProjectName(text);
  } catch {
    return undefined;
  }
}
