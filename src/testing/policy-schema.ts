import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import type { TomlValue } from "smol-toml";

/** docs/policy.schema.json, as editors go by it. */
export function policySchema(): ValidateFunction {
  const ajv = new Ajv({ allErrors: true });
  addFormats.default(ajv);
  const schema = readFileSync(new URL("../../docs/policy.schema.json", import.meta.url), "utf8");
  return ajv.compile(JSON.parse(schema) as object);
}

/** As editors hand TOML to a JSON Schema: dates as strings, integers as numbers. */
export function asJson(value: TomlValue): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "object") return value;
  const table: object = Object.create(null);
  for (const [key, inner] of Object.entries(value)) {
    Object.defineProperty(table, key, { value: asJson(inner as TomlValue), enumerable: true });
  }
  return table;
}
