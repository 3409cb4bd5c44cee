import { parseMarker } from "../../distribution/marker.ts";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import { parseRequirement } from "../../distribution/requirement.ts";
import { parseVersion } from "../../distribution/version.ts";
import type { LockedPackage, LockFile } from "../lock-file.ts";
import { incomingMarkers } from "./incoming-markers.ts";
import type { LockTable } from "./lock-table.ts";
import { lockedFiles } from "./locked-file.ts";
import { tableLines } from "./package-lines.ts";
import { mainGroup, selectByMarker } from "./select-by-marker.ts";

/**
 * `pdm.lock`, lock_version 4.x. With the strategy `inherit_metadata`, which is PDM's default, each package says its groups
 * and its marker; without it, all packages are taken by the markers of what depends on them.
 */
export function readPdmLock(root: LockTable, text: string): LockFile {
  const [metadata] = root.table("metadata");
  const version = metadata?.string("lock_version") ?? "";
  if (!/^4\.\d+(?:\.\d+)?$/.test(version)) root.fail(`lock_version is "${version}", tspip reads 4.x of pdm.lock`);
  const inherits = metadata?.strings("strategy").includes("inherit_metadata") === true;
  const tables = root.tables("package");
  const lines = tableLines(text, "package", tables.length);
  const incoming = incomingMarkers(tables.flatMap((table) => table.strings("dependencies").map(parseRequirement)));
  // What has extras is listed once without and once with them; the file is the same.
  const packages = tables.map((table, at) => {
    const locked = lockedPackage(table, lines[at]);
    const marker = inherits ? table.parsed("marker", parseMarker) : incoming(locked.name);
    return { ...locked, ...(marker && { marker }) };
  });
  const groups = (metadata?.strings("groups") ?? []).filter((group) => group !== "default");
  return {
    environments: [],
    packages,
    // To PDM an extra is a group.
    extras: groups,
    groups,
    // PDM installs every group for development, and the lock does not say which are extras.
    defaultGroups: groups,
    select: ({ extras, groups }, environment) =>
      selectByMarker(packages)({ extras, groups: [...groups, ...extras] }, environment),
  };
}

function lockedPackage(table: LockTable, line: number | undefined): LockedPackage {
  const name = table.parsed("name", normalizeProjectName) ?? table.fail("a package has no name");
  const version = table.parsed("version", parseVersion);
  const groups = table.strings("groups").map((group) => (group === "default" ? mainGroup : group));
  const unsupported = unsupportedSource(table);
  const url = table.parsed("url", (url) => new URL(url));
  const files = lockedFiles(table.tables("files"), name, url && { direct: () => url });
  if (unsupported === undefined && files.length === 0) table.fail(`package "${name}" has no file with a sha256`);
  return {
    name,
    files,
    pins: [],
    ...(version && { version }),
    // PDM writes the URLs of files, and never the index that they were found on.
    ...(url === undefined && { index: "unnamed" as const }),
    ...(groups.length > 0 && { groups }),
    ...(unsupported && { unsupported }),
    requires: () => table.strings("dependencies").map(parseRequirement),
    ...(line !== undefined && { line }),
  };
}

function unsupportedSource(table: LockTable): string | undefined {
  if (table.has("git")) return "a git repository";
  if (["hg", "svn", "bzr"].some((kind) => table.has(kind))) return "a version control repository";
  if (table.boolean("editable")) return "a folder, to be installed in place";
  const path = table.string("path");
  return path === undefined || /\.(?:whl|tar\.gz)$/.test(path) ? undefined : "a folder";
}
