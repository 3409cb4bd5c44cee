import { join } from "node:path";
import { isTable, type Table } from "../../encoding/table.ts";
import { parseToml } from "../../encoding/toml.ts";
import { messageOf, UsageError } from "../../errors.ts";
import { type MappedIndex, readIndexUrl, readProjectPattern } from "../../package-index/index-map.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import { invalidSettings, noPlugins, type PluginSettings, readPluginSettings } from "./plugin-settings.ts";

/** What a project says of how tspip works in its folder. It names a policy file; it cannot say what is allowed. */
export interface ProjectSettings {
  /** A path, as it stands there. */
  readonly policy?: string;
  /** Indexes and the projects that belong to them. */
  readonly mapped: readonly MappedIndex[];
  readonly plugins: PluginSettings;
  /** Which file says so; undefined where none does. */
  readonly place?: string;
}

const known = new WeakMap<object, Promise<ProjectSettings>>();

type SettingsHost = Pick<Host, "cwd" | "signal">;

/** `tspip.toml`, else `[tool.tspip]` of `pyproject.toml`, in the folder where one stands; read once a command. @throws UsageError */
export function projectSettings(host: SettingsHost): Promise<ProjectSettings> {
  const settings = known.get(host) ?? readProjectSettings(host);
  known.set(host, settings);
  return settings;
}

async function readProjectSettings(host: SettingsHost): Promise<ProjectSettings> {
  const own = await readToml("tspip.toml", host);
  if (own !== undefined) return readSettings(own, "tspip.toml");
  const project = await readToml("pyproject.toml", host);
  const tool = isTable(project?.tool) ? project.tool.tspip : undefined;
  return tool === undefined ? { mapped: [], plugins: noPlugins } : readSettings(tool, "pyproject.toml, [tool.tspip]");
}

function readSettings(table: unknown, place: string): ProjectSettings {
  if (!isTable(table)) throw invalidSettings(place, "is not a table");
  const { policy, index = [], plugins, inspector, extension, ...others } = table;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw invalidSettings(
      place,
      `unknown key "${unknown}"`,
      'The keys are "policy", "index", "plugins", "inspector" and "extension"',
    );
  if (policy !== undefined && typeof policy !== "string") throw invalidSettings(place, '"policy" is not a path');
  if (!Array.isArray(index)) throw invalidSettings(place, '"index" is not an array of tables: write [[index]]');
  return {
    mapped: index.map((each) => readIndex(each, place)),
    plugins: readPluginSettings({ plugins, inspector, extension }, place),
    place,
    ...(policy !== undefined && { policy }),
  };
}

function readIndex(table: unknown, place: string): MappedIndex {
  if (!isTable(table)) throw invalidSettings(place, '"index" is not an array of tables: write [[index]]');
  const { url: text, projects, ...others } = table;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw invalidSettings(place, `unknown key "${unknown}" in [[index]]`, 'The keys are "url" and "projects"');
  const refuse = (message: string, hint?: string): never => {
    throw invalidSettings(place, message, hint);
  };
  const url = readIndexUrl(text, refuse);
  if (!Array.isArray(projects) || projects.length === 0)
    throw invalidSettings(place, `the index ${url.href} has no "projects"`, 'Name them, such as projects = ["acme-*"]');
  return { url, projects: projects.map((pattern) => readProjectPattern(pattern, refuse)) };
}

async function readToml(name: string, host: SettingsHost): Promise<Table | undefined> {
  const path = join(host.cwd, name);
  let text: string;
  try {
    text = (await bytesOf(path, host)).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UsageError("invalid-configuration", `Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
  return parseToml(text, (place, why, cause) => {
    throw new UsageError("invalid-configuration", `${path}${place}: ${why}`, { cause });
  });
}
