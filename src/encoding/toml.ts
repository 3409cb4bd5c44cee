import { parse, TomlError } from "smol-toml";
import type { Table } from "./table.ts";

/**
 * Reads TOML.
 * @param refuse throws; it is told where the mistake is, as `:LINE:COLUMN` or nothing, and what it is, on one line
 */
export function parseToml(text: string, refuse: (place: string, why: string, cause: unknown) => never): Table {
  try {
    return parse(text);
  } catch (error) {
    const place = error instanceof TomlError ? `:${error.line}:${error.column}` : "";
    // What follows shows the line itself, which may be long.
    const [why = ""] = (error as Error).message.split("\n");
    return refuse(place, why, error);
  }
}
