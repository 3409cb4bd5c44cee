import { pathToFileURL } from "node:url";
import { parse, TomlDate, TomlError } from "smol-toml";
import type { PinnedDigest } from "../distribution/artifact.ts";
import { isHashAlgorithm, isHexDigest } from "../distribution/digest.ts";
import { type ArtifactFilename, parseFilename } from "../distribution/filename.ts";
import { type Marker, parseMarker } from "../distribution/marker.ts";
import { normalizeProjectName, type ProjectName } from "../distribution/project-name.ts";
import { parseSpecifierSet, type SpecifierSet } from "../distribution/specifier.ts";
import { parseVersion, type Version } from "../distribution/version.ts";
import { messageOf, TspipError, UsageError } from "../errors.ts";

/** A lock file (PEP 751, `pylock.toml`), as far as installing needs it. `tool` tables are never read. */
export interface LockFile {
  readonly requiresPython?: SpecifierSet;
  /** Environments the lock is for; one of them must match when there are any. */
  readonly environments: readonly Marker[];
  readonly packages: readonly LockedPackage[];
}

export interface LockedPackage {
  readonly name: ProjectName;
  readonly version?: Version;
  readonly marker?: Marker;
  readonly requiresPython?: SpecifierSet;
  /** The index the files were found on. */
  readonly index?: URL;
  readonly files: readonly LockedFile[];
  /** Set when the package is locked to something that tspip does not install. */
  readonly unsupported?: "vcs" | "directory" | "archive";
}

export interface LockedFile {
  readonly filename: ArtifactFilename;
  readonly url: URL;
  readonly size?: number;
  /** Never empty. */
  readonly pins: readonly PinnedDigest[];
  readonly uploadTime?: Date;
}

/**
 * Reads a lock file. `path` is absolute: it names the file in messages, and relative paths in the file start from it.
 * @throws UsageError `invalid-lock-file`, naming the file and the place in it
 */
export function parseLockFile(text: string, path: string): LockFile {
  const root = new LockTable(parseToml(text, path), path, "");
  const version = root.string("lock-version");
  // PEP 751: tools MUST refuse a major version they do not know.
  if (!/^1\.\d+$/.test(version ?? "")) root.fail(`lock-version is "${version ?? "absent"}", tspip reads 1.0`);
  const requiresPython = root.parsed("requires-python", parseSpecifierSet);
  return {
    ...(requiresPython && { requiresPython }),
    environments: root.strings("environments").map((marker) => root.attempt("environments", () => parseMarker(marker))),
    packages: root.tables("packages").map(lockedPackage),
  };
}

function lockedPackage(table: LockTable): LockedPackage {
  const name = table.parsed("name", normalizeProjectName) ?? table.fail("a package has no name");
  const version = table.parsed("version", parseVersion);
  const marker = table.parsed("marker", parseMarker);
  const requiresPython = table.parsed("requires-python", parseSpecifierSet);
  const index = table.parsed("index", (url) => new URL(url));
  const unsupported = (["vcs", "directory", "archive"] as const).find((kind) => table.has(kind));
  const files = [...table.tables("wheels"), ...table.table("sdist")].map(lockedFile);
  if (files.length === 0 && unsupported === undefined) table.fail(`package "${name}" has no files`);
  for (const { filename } of files) {
    if (filename.name !== name) table.fail(`package "${name}" lists "${filename.text}", a file of another project`);
  }
  return {
    name,
    files,
    ...(version && { version }),
    ...(marker && { marker }),
    ...(requiresPython && { requiresPython }),
    ...(index && { index }),
    ...(unsupported && { unsupported }),
  };
}

function lockedFile(table: LockTable): LockedFile {
  const url = table.location();
  const filename = table.parsed("name", parseFilename) ?? table.attempt("url", () => parseFilename(lastSegment(url)));
  const size = table.number("size");
  const uploadTime = table.date("upload-time");
  return { filename, url, pins: table.pins(), ...(size !== undefined && { size }), ...(uploadTime && { uploadTime }) };
}

function lastSegment(url: URL): string {
  return decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
}

function parseToml(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    const place = error instanceof TomlError ? `:${error.line}:${error.column}` : "";
    throw new UsageError("invalid-lock-file", `${path}${place}: ${messageOf(error).split("\n")[0]}`, { cause: error });
  }
}

/** One table of the file, with typed access; every complaint names the file and the table. */
class LockTable {
  readonly #table: Record<string, unknown>;
  readonly #path: string;
  readonly #place: string;

  constructor(table: Record<string, unknown>, path: string, place: string) {
    this.#table = table;
    this.#path = path;
    this.#place = place;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#table, key);
  }

  string(key: string): string | undefined {
    const value = this.#value(key);
    return value === undefined || typeof value === "string" ? value : this.fail(`"${key}" is not a string`);
  }

  strings(key: string): string[] {
    const value = this.#value(key) ?? [];
    const isStrings = Array.isArray(value) && value.every((item) => typeof item === "string");
    return isStrings ? value : this.fail(`"${key}" is not an array of strings`);
  }

  number(key: string): number | undefined {
    const value = this.#value(key);
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0))
      return value as number | undefined;
    return this.fail(`"${key}" is not a size in bytes`);
  }

  date(key: string): Date | undefined {
    const value = this.#value(key);
    return value === undefined || value instanceof TomlDate ? value : this.fail(`"${key}" is not a date and time`);
  }

  /** The table under `key`, as a list of none or one. */
  table(key: string): LockTable[] {
    const value = this.#value(key);
    if (value === undefined) return [];
    return isTable(value) ? [this.#inner(value, key)] : this.fail(`"${key}" is not a table`);
  }

  tables(key: string): LockTable[] {
    const value = this.#value(key) ?? [];
    if (!Array.isArray(value) || !value.every(isTable)) return this.fail(`"${key}" is not an array of tables`);
    return value.map((item, at) => this.#inner(item, `${key}[${at}]`));
  }

  parsed<T>(key: string, parser: (text: string) => T): T | undefined {
    const text = this.string(key);
    return text === undefined ? undefined : this.attempt(key, () => parser(text));
  }

  /** `url`, or `path` relative to the lock file (PEP 751: `url` MUST be there when `path` is not). */
  location(): URL {
    const path = this.string("path");
    const base = pathToFileURL(this.#path);
    if (path !== undefined) return this.attempt("path", () => new URL(encodeURI(path), base));
    return this.parsed("url", (url) => new URL(url)) ?? this.fail("a file has neither url nor path");
  }

  /** PEP 751: `hashes` MUST be there; only secure algorithms count. */
  pins(): PinnedDigest[] {
    const [hashes] = this.table("hashes");
    const pins = Object.entries(hashes === undefined ? {} : hashes.#table).flatMap(([algorithm, hex]) => {
      if (!isHashAlgorithm(algorithm)) return [];
      if (typeof hex !== "string" || !isHexDigest(algorithm, hex))
        return this.fail(`hashes.${algorithm} is not a digest`);
      return [{ algorithm, hex: hex.toLowerCase() }];
    });
    return pins.length > 0 ? pins : this.fail("a file has no sha256, sha384 or sha512");
  }

  attempt<T>(key: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof TspipError || error instanceof TypeError || error instanceof URIError)) throw error;
      return this.fail(`"${key}": ${messageOf(error)}`, error);
    }
  }

  fail(message: string, cause?: unknown): never {
    const place = this.#place === "" ? "" : `${this.#place}: `;
    throw new UsageError("invalid-lock-file", `${this.#path}: ${place}${message}`, { cause });
  }

  #value(key: string): unknown {
    return this.has(key) ? this.#table[key] : undefined;
  }

  #inner(table: Record<string, unknown>, key: string): LockTable {
    return new LockTable(table, this.#path, this.#place === "" ? key : `${this.#place}.${key}`);
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof TomlDate);
}
