import { isHexDigest } from "../../distribution/digest.ts";
import { isTable, type Table } from "../../encoding/table.ts";
import { UsageError } from "../../errors.ts";

/** What tspip.toml says of inspectors and extension commands. Nothing runs that is not named there. */
export interface PluginSettings {
  /** The interpreter whose environment Python inspectors come from: a path from the project's folder, or a name. */
  readonly python?: string;
  /** For loading an inspector and for each of its hooks. */
  readonly timeLimitMs: number;
  /** In the order in which they are asked. */
  readonly inspectors: readonly EnabledPlugin[];
  /** Extension commands in JavaScript. */
  readonly extensions: readonly EnabledPlugin[];
}

export interface EnabledPlugin {
  readonly name: string;
  /** A path that begins with "./", "../" or "/", or the name of an npm package; absent for Python. */
  readonly module?: string;
  /** Lower-case hex: of the distribution, package or file that it comes from. */
  readonly sha256?: string;
  readonly options?: unknown;
}

export const noPlugins: PluginSettings = { timeLimitMs: 30_000, inspectors: [], extensions: [] };

/**
 * The tables `[plugins]`, `[[inspector]]` and `[[extension]]`.
 * @param place the file, as messages name it
 * @throws UsageError `invalid-configuration`
 */
export function readPluginSettings(tables: Table, place: string): PluginSettings {
  const plugins = tableOf(tables.plugins ?? {}, ["python", "timeout"], "[plugins]", place);
  const { python, timeout = noPlugins.timeLimitMs / 1000 } = plugins;
  if (python !== undefined && (typeof python !== "string" || python === ""))
    throw invalidSettings(place, '"python" in [plugins] is not an interpreter');
  if (typeof timeout !== "number" || !(timeout > 0) || timeout > 3600)
    throw invalidSettings(place, '"timeout" in [plugins] is not a number of seconds up to 3600');
  const extensions = readList(tables.extension, "extension", ["name", "module", "sha256"], place);
  const foreign = extensions.find(({ module }) => module === undefined);
  if (foreign !== undefined) {
    const hint = "Extensions in Python and programs on PATH need not be named there";
    throw invalidSettings(place, `the extension "${foreign.name}" has no "module"`, hint);
  }
  return {
    ...(python !== undefined && { python }),
    timeLimitMs: timeout * 1000,
    inspectors: readList(tables.inspector, "inspector", ["name", "module", "sha256", "options"], place),
    extensions,
  };
}

function readList(list: unknown = [], kind: string, keys: readonly string[], place: string): EnabledPlugin[] {
  if (!Array.isArray(list)) throw invalidSettings(place, `"${kind}" is not an array of tables: write [[${kind}]]`);
  const plugins = list.map((each) => readPlugin(tableOf(each, keys, `[[${kind}]]`, place), kind, place));
  const names = plugins.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalidSettings(place, `the ${kind} "${twice}" is there twice`);
  return plugins;
}

function readPlugin({ name, module, sha256, options }: Table, kind: string, place: string): EnabledPlugin {
  if (typeof name !== "string" || !/^[A-Za-z0-9][\w.-]*$/.test(name))
    throw invalidSettings(place, `"name" in [[${kind}]] is not a name`);
  if (module !== undefined && (typeof module !== "string" || module === ""))
    throw invalidSettings(place, `"module" of "${name}" is not a path or the name of a package`);
  if (sha256 !== undefined && (typeof sha256 !== "string" || !isHexDigest("sha256", sha256)))
    throw invalidSettings(place, `"sha256" of "${name}" is not a SHA-256 in hex`);
  return {
    name,
    ...(module !== undefined && { module }),
    ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
    ...(options !== undefined && { options }),
  };
}

function tableOf(value: unknown, keys: readonly string[], name: string, place: string): Table {
  if (!isTable(value)) throw invalidSettings(place, `${name} is not a table`);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown === undefined) return value;
  const hint = `The keys are ${keys.map((key) => `"${key}"`).join(", ")}`;
  throw invalidSettings(place, `unknown key "${unknown}" in ${name}`, hint);
}

/** A mistake in tspip.toml or `[tool.tspip]`. */
export function invalidSettings(place: string, why: string, hint?: string): UsageError {
  return new UsageError("invalid-configuration", `${place}: ${why}`, hint === undefined ? {} : { hint });
}
