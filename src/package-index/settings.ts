import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../errors.ts";
import { readIni } from "./ini.ts";

/** Which indexes there are and how they are reached. No URL here holds credentials. */
export interface IndexSettings {
  /** In the order in which they are asked: extra indexes first, so that a private name is found at home. */
  readonly indexes: readonly URL[];
  readonly findLinks: readonly URL[];
  /** A PEM file with further certificate authorities. */
  readonly cert?: string;
  readonly timeoutSeconds: number;
  readonly retries: number;
  /** `Authorization` by origin. */
  readonly credentials: ReadonlyMap<string, string>;
}

/** What the command line or a requirements file says; they go before everything else. */
export interface GivenSettings {
  readonly indexUrl?: string | undefined;
  readonly extraIndexUrl: readonly string[];
  readonly findLinks: readonly string[];
  readonly noIndex: boolean;
  readonly cert?: string | undefined;
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
}

/** One of pip's configuration files. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

export const defaultIndex = "https://pypi.org/simple/";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Puts the settings together: command line, then TSPIP_*, then PIP_*, then pip's configuration files, of which the
 * last named wins, then the default. Only how indexes are reached is taken from pip, nothing that concerns the verdict.
 * @throws UsageError on a value that cannot be used, naming where it stands
 */
export function indexSettings(
  given: GivenSettings,
  env: Env,
  configFiles: readonly ConfigFile[],
  cwd: string,
): IndexSettings {
  const config = configFiles.map(({ path, text }) => ({ path, values: readIni(text, path) }));
  const lookUp = (key: string): Setting | undefined => fromEnv(key, env) ?? fromConfig(key, config);
  const words = (key: string) => list(lookUp(key));

  const isWithoutIndex = given.noIndex || isTrue(lookUp("no-index"));
  const main =
    given.indexUrl === undefined ? (words("index-url")[0] ?? builtIn(defaultIndex)) : onCommandLine(given.indexUrl);
  const extra = [...given.extraIndexUrl.map(onCommandLine), ...words("extra-index-url")];
  const links = [...given.findLinks.map(onCommandLine), ...words("find-links")];
  const credentials = new Map<string, string>();
  const cert = given.cert ?? lookUp("cert")?.value;
  return {
    indexes: isWithoutIndex ? [] : [...extra, main].map((setting) => withoutCredentials(readUrl(setting), credentials)),
    findLinks: links.map((setting) => withoutCredentials(readPlace(setting, cwd), credentials)),
    ...(cert !== undefined && cert !== "" && { cert: resolve(cwd, cert) }),
    timeoutSeconds: given.timeout ?? number(lookUp("timeout") ?? fromEnv("default-timeout", env)) ?? 15,
    retries: given.retries ?? number(lookUp("retries")) ?? 4,
    credentials,
  };
}

interface Setting {
  readonly value: string;
  /** Where it stands, for messages. */
  readonly place: string;
}

const onCommandLine = (value: string): Setting => ({ value, place: "the command line" });
const builtIn = (value: string): Setting => ({ value, place: "tspip's default" });

function fromEnv(key: string, env: Env): Setting | undefined {
  const name = key.toUpperCase().replaceAll("-", "_");
  for (const place of [`TSPIP_${name}`, `PIP_${name}`]) {
    const value = env[place];
    if (value !== undefined && value !== "") return { value, place };
  }
  return undefined;
}

/** pip reads `[global]` and then the section of its command; ours are like `pip install`. */
function fromConfig(
  key: string,
  files: readonly { path: string; values: ReadonlyMap<string, ReadonlyMap<string, string>> }[],
): Setting | undefined {
  let found: Setting | undefined;
  for (const { path, values } of files) {
    const value = values.get("install")?.get(key) ?? values.get("global")?.get(key);
    if (value !== undefined) found = { value, place: path };
  }
  return found;
}

/** pip separates several values by white space. */
function list(setting: Setting | undefined): Setting[] {
  if (setting === undefined) return [];
  return setting.value
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((value) => ({ ...setting, value }));
}

function isTrue(setting: Setting | undefined): boolean {
  return setting !== undefined && /^(?:1|y|yes|t|true|on)$/i.test(setting.value);
}

function number(setting: Setting | undefined): number | undefined {
  if (setting === undefined) return undefined;
  const value = Number(setting.value);
  if (!(value >= 0)) throw new UsageError("invalid-setting", `${setting.place}: "${setting.value}" is not a number`);
  return value;
}

function readUrl({ value, place }: Setting): URL {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError("invalid-setting", `${place}: "${value}" is not the URL of an index`);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** A folder or file by path, or a page by URL. */
function readPlace({ value }: Setting, cwd: string): URL {
  const url = URL.parse(value);
  return url !== null && /^(?:https?|file):$/.test(url.protocol) ? url : pathToFileURL(resolve(cwd, value));
}

function withoutCredentials(url: URL, credentials: Map<string, string>): URL {
  if (url.username !== "" || url.password !== "") {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    credentials.set(url.origin, `Basic ${Buffer.from(pair).toString("base64")}`);
  }
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy;
}
