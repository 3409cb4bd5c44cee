import { isHashAlgorithm } from "../../distribution/digest.ts";
import { parseFilename } from "../../distribution/filename.ts";
import { parseMarker } from "../../distribution/marker.ts";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import type { Requirement } from "../../distribution/requirement.ts";
import { parseSpecifierSet } from "../../distribution/specifier.ts";
import { parseVersion } from "../../distribution/version.ts";
import type { PublisherTable } from "../../trust/publisher-table.ts";
import type { LockedDetails, LockedFile, LockedPackage, LockFile } from "../lock-file.ts";
import type { LockTable } from "./lock-table.ts";
import { fileNameIn, refuseTwice } from "./locked-file.ts";
import { lockedRequirement } from "./locked-requirement.ts";
import { tableLines } from "./package-lines.ts";
import { selectByMarker } from "./select-by-marker.ts";

/** `pylock.toml` (PEP 751). `tool` tables are never read. */
export function readPylock(root: LockTable, text: string): LockFile {
  const version = root.string("lock-version");
  // PEP 751: tools MUST refuse a major version they do not know.
  if (!/^1\.\d+$/.test(version ?? "")) root.fail(`lock-version is "${version ?? "absent"}", tspip reads 1.0`);
  const requiresPython = root.parsed("requires-python", parseSpecifierSet);
  const tables = root.tables("packages");
  const lines = tableLines(text, "packages", tables.length);
  const packages = tables.map((table, at) => lockedPackage(table, lines[at]));
  return {
    ...(requiresPython && { requiresPython }),
    environments: root.strings("environments").map((marker) => root.attempt("environments", () => parseMarker(marker))),
    packages,
    extras: root.strings("extras"),
    groups: root.strings("dependency-groups"),
    defaultGroups: root.strings("default-groups"),
    select: selectByMarker(packages),
  };
}

const unsupported = {
  vcs: "a version control repository",
  directory: "a folder",
  archive: "an archive outside of any index",
} as const;

function lockedPackage(table: LockTable, line: number | undefined): LockedPackage {
  const name = table.parsed("name", normalizeProjectName) ?? table.fail("a package has no name");
  const version = table.parsed("version", parseVersion);
  const marker = table.parsed("marker", parseMarker);
  const requiresPython = table.parsed("requires-python", parseSpecifierSet);
  const index = table.parsed("index", (url) => new URL(url));
  const other = (["vcs", "directory", "archive"] as const).find((kind) => table.has(kind));
  const identities = table.tables("attestation-identities").map(publisher);
  const files = [...table.tables("wheels"), ...table.table("sdist")].map(lockedFile);
  if (files.length === 0 && other === undefined) table.fail(`package "${name}" has no files`);
  for (const { filename } of files) {
    if (filename.name !== name) table.fail(`package "${name}" lists "${filename.text}", a file of another project`);
  }
  refuseTwice(files, table);
  return {
    name,
    files,
    pins: [],
    ...(identities.length > 0 && { identities }),
    ...(version && { version }),
    ...(marker && { marker }),
    ...(requiresPython && { requiresPython }),
    // What is from no index is an `archive`.
    index: index ?? "unnamed",
    ...(other && { unsupported: unsupported[other] }),
    ...(table.has("dependencies") && { requires: () => table.tables("dependencies").map(needed) }),
    ...(line !== undefined && { line }),
  };
}

/** PEP 751: as much of the other package's table as tells it apart. */
function needed(table: LockTable): Requirement {
  const name = table.parsed("name", normalizeProjectName) ?? table.fail("a dependency has no name");
  return table.attempt("version", () => lockedRequirement({ name, version: table.string("version") }));
}

/** The kind, and whatever texts describe a publisher of it. */
function publisher(table: LockTable): PublisherTable {
  const texts = table.keys.flatMap((key) => (table.isText(key) ? [[key, table.string(key)]] : []));
  return { ...Object.fromEntries(texts), kind: table.string("kind") ?? table.fail("an identity has no kind") };
}

function lockedFile(table: LockTable): LockedFile {
  const [path, url] = [table.string("path"), table.string("url")];
  const place = path ?? url ?? table.fail("a file has neither url nor path");
  const [called, ...others] = new Set(
    [path, url].flatMap((one) => (one === undefined ? [] : table.attempt("url", () => fileNameIn(one)))),
  );
  if (others.length > 0 && !table.has("name")) table.fail(`one file is called "${called}" and "${others[0]}"`);
  const filename = table.parsed("name", parseFilename) ?? table.attempt("url", () => parseFilename(fileNameIn(place)));
  const pins = table.hashTable("hashes");
  // Installers take a file that has any of the digests that they know.
  const weak = table.table("hashes").flatMap(({ keys }) => keys.filter((name) => !isHashAlgorithm(name)));
  // PEP 751: `hashes` MUST be there; only secure algorithms count.
  if (pins.length === 0) table.fail("a file has no sha256, sha384 or sha512");
  if (weak.length > 0) table.fail(`"hashes" has a digest by "${weak[0]}", which tspip does not compare`);
  return { filename, pins, hasUrl: true, details: () => details(table) };
}

/** `path` is relative to the lock file (PEP 751: `url` MUST be there when `path` is not). */
function details(table: LockTable): LockedDetails {
  const path = table.string("path");
  const url = path === undefined ? table.parsed("url", (url) => new URL(url)) : table.fileUrl(path);
  const size = table.number("size");
  return { ...(url && { url }), ...(size !== undefined && { size }) };
}
