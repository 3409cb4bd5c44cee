import { pathToFileURL } from "node:url";
import type { PinnedDigest } from "../../distribution/artifact.ts";
import { isHashAlgorithm, isHexDigest } from "../../distribution/digest.ts";
import { isTable } from "../../encoding/table.ts";
import { parseToml } from "../../encoding/toml.ts";
import { messageOf, TspipError, UsageError } from "../../errors.ts";

/** One table of a lock file, with typed access; every complaint names the file and the table. */
export class LockTable {
  private readonly values: Record<string, unknown>;
  private readonly path: string;
  private readonly place: () => string;

  /**
   * @param path absolute: it names the file in messages, and relative paths in the file start from it
   * @param place where the table stands in the file; asked for when something is wrong there, as in few of thousands
   */
  constructor(table: Record<string, unknown>, path: string, place = () => "") {
    this.values = table;
    this.path = path;
    this.place = place;
  }

  get keys(): string[] {
    return Object.keys(this.values);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.values, key);
  }

  string(key: string): string | undefined {
    const value = this.value(key);
    return value === undefined || typeof value === "string" ? value : this.fail(`"${key}" is not a string`);
  }

  strings(key: string): string[] {
    const value = this.value(key) ?? [];
    const isStrings = Array.isArray(value) && value.every((item) => typeof item === "string");
    return isStrings ? value : this.fail(`"${key}" is not an array of strings`);
  }

  boolean(key: string): boolean {
    const value = this.value(key) ?? false;
    return typeof value === "boolean" ? value : this.fail(`"${key}" is neither true nor false`);
  }

  number(key: string): number | undefined {
    const value = this.value(key);
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0))
      return value as number | undefined;
    return this.fail(`"${key}" is not a whole number`);
  }

  /** Whether the value is text, where the format has more than one kind of value. */
  isText(key: string): boolean {
    return typeof this.value(key) === "string";
  }

  /** Whether the value is a table, where the format has more than one kind of value. */
  isTable(key: string): boolean {
    return isTable(this.value(key));
  }

  /** The table under `key`, as a list of none or one. */
  table(key: string): LockTable[] {
    const value = this.value(key);
    if (value === undefined) return [];
    return isTable(value) ? [this.inner(value, () => key)] : this.fail(`"${key}" is not a table`);
  }

  tables(key: string): LockTable[] {
    const value = this.value(key) ?? [];
    if (!Array.isArray(value) || !value.every(isTable)) return this.fail(`"${key}" is not an array of tables`);
    return value.map((item, at) => this.inner(item, () => `${key}[${at}]`));
  }

  parsed<T>(key: string, parser: (text: string) => T): T | undefined {
    const text = this.string(key);
    return text === undefined ? undefined : this.attempt(key, () => parser(text));
  }

  /** A path from the lock file's folder as a URL. */
  fileUrl(path: string): URL {
    return this.attempt("path", () => new URL(encodeURI(path), pathToFileURL(this.path)));
  }

  /** `sha256:…` under `key`; empty where it is absent or of an algorithm that counts as none. */
  hash(key: string): PinnedDigest[] {
    return this.pin(this.string(key) ?? "", key);
  }

  /** `["sha256:…", …]` under `key`. */
  hashes(key: string): PinnedDigest[] {
    return this.strings(key).flatMap((text) => this.pin(text, key));
  }

  /** `{ sha256 = "…" }` under `key`. */
  hashTable(key: string): PinnedDigest[] {
    return this.table(key).flatMap((hashes) =>
      hashes.keys.flatMap((algorithm) => this.pin(`${algorithm}:${hashes.string(algorithm)}`, key)),
    );
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
    const place = this.place();
    throw new UsageError("invalid-lock-file", `${this.path}: ${place && `${place}: `}${message}`, { cause });
  }

  private pin(text: string, key: string): PinnedDigest[] {
    const colon = text.indexOf(":");
    const [algorithm, hex] = [text.slice(0, Math.max(0, colon)), text.slice(colon + 1)];
    if (!isHashAlgorithm(algorithm)) return [];
    if (!isHexDigest(algorithm, hex)) return this.fail(`"${key}": "${text}" is no digest`);
    return [{ algorithm, hex: hex.toLowerCase() }];
  }

  private value(key: string): unknown {
    const value = this.values[key];
    return value !== undefined && this.has(key) ? value : undefined;
  }

  private inner(table: Record<string, unknown>, key: () => string): LockTable {
    return new LockTable(table, this.path, () => [this.place(), key()].filter(Boolean).join("."));
  }
}

/** Reads TOML, or JSON where the text begins like it. @throws UsageError `invalid-lock-file` */
export function readLockTable(text: string, path: string): LockTable {
  const refuse = (place: string, why: string, cause: unknown): never => {
    throw new UsageError("invalid-lock-file", `${path}${place}: ${why}`, { cause });
  };
  const value: unknown = /^\s*\{/.test(text) ? parseJson(text, refuse) : parseToml(text, refuse);
  return isTable(value) ? new LockTable(value, path) : refuse("", "it is no table", undefined);
}

function parseJson(text: string, refuse: (place: string, why: string, cause: unknown) => never): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return refuse("", messageOf(error).split("\n")[0] ?? "", error);
  }
}
