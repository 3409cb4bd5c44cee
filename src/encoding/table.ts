/** A table of TOML, or an object of JSON, of whose members nothing is known yet. */
export type Table = Readonly<Record<string, unknown>>;

/** Dates of TOML are objects as well, and no tables. */
export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The table at that key; an empty one where something else stands there, or nothing. */
export function tableIn(table: Table, key: string): Table {
  const value = table[key];
  return isTable(value) ? value : {};
}

/** The table that a text is, or nothing: for who leaves it to others to say what is wrong with it. */
export function tableOrNothing(text: string, parse: (text: string) => unknown): Table | undefined {
  try {
    const value = parse(text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The items of a list; of anything else, none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}
