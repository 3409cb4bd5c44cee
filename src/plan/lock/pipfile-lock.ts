import { type Marker, parseMarker } from "../../distribution/marker.ts";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import { parseSpecifierSet, pinnedVersion } from "../../distribution/specifier.ts";
import { parseVersion, type Version } from "../../distribution/version.ts";
import type { LockedPackage, LockFile } from "../lock-file.ts";
import type { LockTable } from "./lock-table.ts";
import { bothMarkers, mainGroup, selectByMarker } from "./select-by-marker.ts";

/** `Pipfile.lock` (pipfile-spec 6): sections of packages, each with a version and the digests of all of its files. */
export function readPipfileLock(root: LockTable, text: string): LockFile {
  const [meta] = root.table("_meta");
  const specification = meta?.number("pipfile-spec");
  if (specification !== 6) root.fail(`pipfile-spec is ${specification}, tspip reads 6 of Pipfile.lock`);
  const indexes = new Map((meta?.tables("sources") ?? []).flatMap(namedIndex));
  const sections = root.keys.filter((key) => key !== "_meta");
  const packages = sections.flatMap((section) => {
    const [table] = root.table(section);
    const group = section === "default" ? mainGroup : section;
    return (table?.keys ?? []).flatMap((name) =>
      (table?.table(name) ?? []).map((entry) => ({
        ...lockedPackage(entry, name, indexes),
        groups: [group],
        ...lineOf(text, section, name),
      })),
    );
  });
  const groups = sections.filter((section) => section !== "default");
  return {
    environments: [],
    packages,
    extras: [],
    groups,
    defaultGroups: groups.filter((group) => group === "develop"),
    select: selectByMarker(packages),
  };
}

function namedIndex(source: LockTable): [string, URL][] {
  const [name, url] = [source.string("name"), source.string("url")];
  // Pipenv writes credentials as ${NAME}; what they are is for the user's own settings to say.
  if (name === undefined || url === undefined || url.includes("$")) return [];
  return [[name, source.attempt("url", () => new URL(url))]];
}

function lockedPackage(entry: LockTable, key: string, indexes: ReadonlyMap<string, URL>): LockedPackage {
  const name = entry.attempt("name", () => normalizeProjectName(key));
  const version = lockedVersion(entry);
  const marker = markerOf(entry);
  const index = indexes.get(entry.string("index") ?? "") ?? [...indexes.values()].at(0);
  const unsupported = unsupportedSource(entry, version);
  const pins = entry.hashes("hashes");
  if (unsupported === undefined && pins.length === 0) entry.fail(`package "${name}" has no sha256`);
  return {
    name,
    files: [],
    pins,
    ...(version && { version }),
    ...(marker && { marker }),
    ...(index && { index }),
    ...(unsupported && { unsupported }),
  };
}

function lockedVersion(entry: LockTable): Version | undefined {
  const text = entry.string("version");
  if (text === undefined || text === "*") return undefined;
  const pinned = entry.attempt("version", () => pinnedVersion(parseSpecifierSet(text)));
  return pinned === undefined ? undefined : parseVersion(pinned);
}

function unsupportedSource(entry: LockTable, version: Version | undefined): string | undefined {
  if (entry.has("git")) return "a git repository";
  if (["hg", "svn", "bzr"].some((kind) => entry.has(kind))) return "a version control repository";
  if (entry.boolean("editable")) return "a folder, to be installed in place";
  if (entry.has("path")) return "a folder";
  if (["file", "url", "uri"].some((kind) => entry.has(kind))) return "a file outside of any index";
  // Pipenv leaves `"version": "*"` where nothing is installed on the machine that wrote the lock.
  return version === undefined ? "no version at all" : undefined;
}

/** `markers`, and the variables that may stand as keys of their own: `"sys_platform": "== 'win32'"`. */
function markerOf(entry: LockTable): Marker | undefined {
  const variables = ["os_name", "sys_platform", "platform_machine", "platform_python_implementation", "python_version"];
  return [
    entry.parsed("markers", parseMarker),
    ...variables.map((variable) => entry.parsed(variable, (rest) => parseMarker(`${variable} ${rest}`))),
  ].reduce(bothMarkers);
}

/** Pipenv writes one member a line, sections one after the other. */
function lineOf(text: string, section: string, name: string): { line?: number } {
  const start = text.indexOf(`\n    ${JSON.stringify(section)}:`);
  const at = start === -1 ? -1 : text.indexOf(`\n        ${JSON.stringify(name)}:`, start);
  return at === -1 ? {} : { line: text.slice(0, at + 1).split("\n").length };
}
