import type { TomlTable, TomlValue } from "smol-toml";
import type { JsonValue } from "../../encoding/json.ts";
import type { Path } from "../locate.ts";
import type { Mistakes } from "../mistakes.ts";

/** JSON as TOML has it; `null`, which TOML lacks, is a mistake, and reads as absent. */
export function toTable(object: { readonly [name: string]: JsonValue }, path: Path, mistakes: Mistakes): TomlTable {
  const members = Object.entries(object).map(([name, value]) => [name, toToml(value, [...path, name], mistakes)]);
  return Object.assign(Object.create(null), Object.fromEntries(members.filter(([, value]) => value !== undefined)));
}

function toToml(value: JsonValue, path: Path, mistakes: Mistakes): TomlValue | undefined {
  if (value === null) {
    mistakes.aboutValue(path, "null says nothing; leave it out");
    return undefined;
  }
  if (isList(value))
    return value.flatMap((item, at): TomlValue[] => {
      const converted = toToml(item, [...path, at], mistakes);
      return converted === undefined ? [] : [converted];
    });
  if (typeof value === "object") return toTable(value, path, mistakes);
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
