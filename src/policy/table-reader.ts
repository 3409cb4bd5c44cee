import { TomlDate, type TomlTable, type TomlValue } from "smol-toml";
import { didYouMean } from "./did-you-mean.ts";
import { type Duration, parseDuration } from "./duration.ts";
import type { Path } from "./locate.ts";
import type { Mistakes } from "./mistakes.ts";

/**
 * Reads one table of a policy file key by key. A value of the wrong type is a mistake and reads as absent, so that
 * reading goes on and finds the others. `finish` tells the keys that nobody asked for.
 */
export class TableReader {
  private readonly path: Path;
  private readonly mistakes: Mistakes;
  private readonly members: TomlTable;
  private readonly asked = new Set<string>();

  constructor(table: TomlTable, path: Path, mistakes: Mistakes) {
    this.members = table;
    this.path = path;
    this.mistakes = mistakes;
  }

  has(key: string): boolean {
    return this.value(key) !== undefined;
  }

  isEmpty(): boolean {
    return Object.keys(this.members).length === 0;
  }

  /** Whether `key` is there, and no other, known or unknown. */
  hasOnly(key: string): boolean {
    return this.has(key) && Object.keys(this.members).length === 1;
  }

  isTable(key: string): boolean {
    const value = this.value(key);
    return value !== undefined && isTable(value);
  }

  text(key: string, mayBeEmpty = false): string | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (typeof value !== "string") return this.wrongType(key, "a string", value);
    if (value.trim() === "" && !mayBeEmpty) return this.wrong(key, `"${key}" is empty`);
    return value;
  }

  choice<const T extends string>(key: string, choices: readonly T[]): T | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    const wanted = choices.map((choice) => `"${choice}"`).join(" | ");
    if (typeof value !== "string") return this.wrongType(key, wanted, value);
    const choice = choices.find((known) => known === value);
    return choice ?? this.wrong(key, `"${key}" is "${value}", expected ${wanted}${didYouMean(value, choices)}`);
  }

  integer(key: string): number | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    // Integers are read as bigint, so that 2.0 stays different from 2.
    if (typeof value !== "bigint") return this.wrongType(key, "an integer", value);
    return Number.isSafeInteger(Number(value))
      ? Number(value)
      : this.wrong(key, `"${key}" is ${value}, that is beyond all measure`);
  }

  /** A date without time, at its beginning in UTC. */
  date(key: string): Date | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (value instanceof TomlDate && value.isDate()) {
      // The parser takes 30 February for 2 March.
      const written = this.mistakes.textOf([...this.path, key]);
      if (value.toISOString() !== written) return this.wrong(key, `"${key}" is ${written}, there is no such day`);
      return new Date(`${written}T00:00:00Z`);
    }
    return this.wrongType(key, "a date such as 2027-06-30, without quotes", value);
  }

  /** A moment, with its distance from UTC. */
  instant(key: string): Date | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    const wanted = "a date and time with its distance from UTC, such as 2027-06-30T12:00:00Z, without quotes";
    if (!(value instanceof TomlDate)) return this.wrongType(key, wanted, value);
    const written = this.mistakes.textOf([...this.path, key]);
    // A date without time, and a time without date, are local too.
    if (value.isLocal()) return this.wrong(key, `"${key}" is ${written}, expected ${wanted}`);
    // As with dates, the parser takes 30 February for 2 March.
    if (!isDay(written.slice(0, 10))) return this.wrong(key, `"${key}" is ${written}, there is no such day`);
    return new Date(value.getTime());
  }

  duration(key: string): Duration | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const why = /^P\d+[YM]/.test(text) ? ": months and years differ in length" : "";
    return (
      parseDuration(text) ??
      this.wrong(key, `"${key}" is "${text}", expected weeks, days, hours, such as "P1W", "P3D", "PT36H"${why}`)
    );
  }

  texts(key: string, mayBeEmpty = false): string[] | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.wrongType(key, "a list of strings", value);
    if (value.length === 0 && !mayBeEmpty) return this.wrong(key, `"${key}" is an empty list`);
    return value.flatMap((item, at) => {
      if (typeof item === "string") return [item];
      this.wrong(key, `"${key}" holds ${typeWords(item)}, expected strings`, at);
      return [];
    });
  }

  /** A list in which each of `choices` may stand once. */
  choices<const T extends string>(key: string, choices: readonly T[]): T[] | undefined {
    const texts = this.texts(key);
    return texts?.flatMap((text, at) => {
      if (texts.indexOf(text) < at) this.wrong(key, `"${text}" is named twice`, at);
      const choice = choices.find((known) => known === text);
      if (choice !== undefined) return [choice];
      const wanted = choices.map((known) => `"${known}"`).join(" | ");
      this.wrong(key, `"${key}" holds "${text}", expected ${wanted}${didYouMean(text, choices)}`, at);
      return [];
    });
  }

  table(key: string): TableReader | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    return isTable(value) ? this.below(value, key) : this.wrongType(key, "a table", value);
  }

  /** A list of tables: `[[key]]`, or inline. */
  tables(key: string): TableReader[] {
    const value = this.value(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.wrongType(key, "a list of tables", value);
      return [];
    }
    return value.flatMap((item, at) => {
      if (isTable(item)) return [this.below(item, key, at)];
      this.wrong(key, `"${key}" holds ${typeWords(item)}, expected tables`, at);
      return [];
    });
  }

  /** The strings, integers and booleans in a table and in tables of it, by their path: `workflow.ref`. */
  values(key: string): Record<string, string | number | boolean> | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (!isTable(value)) return this.wrongType(key, "a table", value);
    const found = new Map<string, string | number | boolean>();
    this.below(value, key).collectValues("", found);
    return Object.fromEntries(found);
  }

  private collectValues(prefix: string, found: Map<string, string | number | boolean>): void {
    if (this.isEmpty()) this.wrongHere("the table is empty");
    for (const [name, value] of Object.entries(this.members)) {
      const path = `${prefix}${name}`;
      if (isTable(value)) this.below(value, name).collectValues(`${path}.`, found);
      else if (typeof value !== "string" && typeof value !== "bigint" && typeof value !== "boolean")
        this.wrongType(name, "a string, an integer or a boolean", value);
      else if (found.has(path)) this.wrongKey(name, `"${path}" is here twice`);
      else found.set(path, typeof value === "bigint" ? Number(value) : value);
    }
  }

  /** A list in which strings and tables stand beside each other. */
  textsAndTables(key: string): (string | TableReader)[] | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.wrongType(key, "a list of strings and tables", value);
    if (value.length === 0) return this.wrong(key, `"${key}" is an empty list`);
    return value.flatMap((item, at): (string | TableReader)[] => {
      if (typeof item === "string") return [item];
      if (isTable(item)) return [this.below(item, key, at)];
      this.wrong(key, `"${key}" holds ${typeWords(item)}, expected strings and tables`, at);
      return [];
    });
  }

  /** The tables in a table of names, such as `[signers]`; `what` is what a name stands for. */
  namedTables(what: string): (readonly [name: string, TableReader])[] {
    return Object.keys(this.members).flatMap((name) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
        this.wrongKey(
          name,
          `"${name}" cannot name a ${what}: letters, digits, ".", "_" and "-" can, a letter or digit first`,
        );
        return [];
      }
      const table = this.table(name);
      return table === undefined ? [] : [[name, table] as const];
    });
  }

  /** Takes the keys that are left as known, where it cannot be said what they should be. */
  skipRest(): undefined {
    for (const key of Object.keys(this.members)) this.asked.add(key);
  }

  /** Says that the table lacks `key`. */
  missing(key: string, why: string): undefined {
    this.mistakes.aboutKey(this.path, `"${key}" is missing: ${why}`);
  }

  /** Says what is wrong with this table as a whole; reads as absent. */
  wrongHere(message: string): undefined {
    this.mistakes.aboutKey(this.path, message);
  }

  /** Says what is wrong with the value of `key`, or with the element `at` of it; reads as absent. */
  wrong(key: string, message: string, at?: number): undefined {
    this.mistakes.aboutValue(at === undefined ? [...this.path, key] : [...this.path, key, at], message);
  }

  wrongKey(key: string, message: string): undefined {
    this.mistakes.aboutKey([...this.path, key], message);
  }

  /** Every key nobody asked for is a mistake: a misspelt condition must not be a condition that is not there. */
  finish(): void {
    for (const key of Object.keys(this.members)) {
      if (this.asked.has(key)) continue;
      const where = this.path.length === 0 ? "at the top level" : `in ${tableWords(this.path)}`;
      this.wrongKey(key, `unknown key "${key}" ${where}${didYouMean(key, this.asked)}`);
    }
  }

  private value(key: string): TomlValue | undefined {
    this.asked.add(key);
    return Object.hasOwn(this.members, key) ? this.members[key] : undefined;
  }

  private below(table: TomlTable, ...keys: Path): TableReader {
    return new TableReader(table, [...this.path, ...keys], this.mistakes);
  }

  private wrongType(key: string, wanted: string, value: TomlValue): undefined {
    return this.wrong(key, `"${key}" is ${typeWords(value)}, expected ${wanted}`);
  }
}

/** The first moment after `day`, which is its beginning. */
export function endOfDay(day: Date): Date {
  return new Date(day.getTime() + 24 * 60 * 60 * 1000);
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** `[default]`, `[signers.alice]`, `[[rule]]`; an inline table by its keys. */
function tableWords(path: Path): string {
  const keys = path.filter((part) => typeof part === "string").join(".");
  return typeof path.at(-1) === "number" ? `[[${keys}]]` : `[${keys}]`;
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
}

function typeWords(value: TomlValue): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date or time";
  switch (typeof value) {
    case "string":
      return "a string";
    case "bigint":
      return "an integer";
    case "number":
      return "a floating-point number";
    case "boolean":
      return "a boolean";
    default:
      return "a table";
  }
}
