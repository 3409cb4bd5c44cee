import { readIni } from "./ini.ts";

/** One value and where it stands: `index-url`, from `PIP_INDEX_URL`. */
export interface Setting {
  readonly key: SettingKey;
  readonly value: string;
  /** `the command line`, the name of a variable, or the path of a file. */
  readonly place: string;
}

export type SettingKey =
  | "index-url"
  | "extra-index-url"
  | "find-links"
  | "no-index"
  | "cert"
  | "client-cert"
  | "proxy"
  | "keyring-provider"
  | "timeout"
  | "retries";

/** One of pip's configuration files. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

export type Env = Readonly<Record<string, string | undefined>>;

export function onCommandLine(key: SettingKey, value: unknown): Setting | undefined {
  return value === undefined ? undefined : { key, value: String(value), place: "the command line" };
}

/** Also known to pip under a longer name. */
const alias: Partial<Record<SettingKey, string>> = { timeout: "default-timeout" };

/** Looks a setting up in the environment and in pip's files, of which the last wins. @throws UsageError */
export function lookUpIn(env: Env, configFiles: readonly ConfigFile[]): (key: SettingKey) => Setting | undefined {
  const files = configFiles.map(({ path, text }) => ({ path, sections: readIni(text, path) })).reverse();
  // pip reads `[global]` of all files, and over it the section of its command; ours are like `pip install`.
  const sections = ["install", "global"].flatMap((name) =>
    files.map(({ path, sections }) => ({ place: path, values: sections.get(name) ?? new Map<string, string>() })),
  );
  return (key) => {
    const names = [key, alias[key] ?? key];
    const variables = ["TSPIP", "PIP"].flatMap((prefix) => names.map((name) => variableName(prefix, name)));
    const found = [
      ...variables.map((place) => ({ place, value: env[place] })),
      ...sections.flatMap(({ place, values }) => names.map((name) => ({ place, value: values.get(name) }))),
    ].find(({ value }) => value !== undefined && value !== "");
    return found?.value === undefined ? undefined : { key, value: found.value, place: found.place };
  };
}

function variableName(prefix: string, key: string): string {
  return `${prefix}_${key.toUpperCase().replaceAll("-", "_")}`;
}

/** pip separates several values by white space. */
export function words(setting: Setting | undefined): Setting[] {
  if (setting === undefined) return [];
  const values = setting.value.split(/\s+/).filter((word) => word !== "");
  return values.map((value) => ({ ...setting, value }));
}
