import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../errors.ts";
import { type ConfigFile, type Env, lookUpIn, onCommandLine, type Setting, type SettingKey, words } from "./setting.ts";
import { withoutCredentials } from "./url.ts";

/** Which indexes there are and how they are reached. No URL here holds credentials. */
export interface IndexSettings {
  /** In the order in which they are asked: extra indexes first, so that a private name is found at home. */
  readonly indexes: readonly URL[];
  readonly findLinks: readonly URL[];
  /** A PEM file with further certificate authorities. */
  readonly cert?: string;
  /** A PEM file with our own certificate and its key. */
  readonly clientCert?: string;
  /** For every connection, instead of what the environment says. */
  readonly proxy?: string;
  /** `subprocess`: ask the program `keyring` for passwords. */
  readonly keyring: "disabled" | "subprocess";
  readonly timeoutSeconds: number;
  readonly retries: number;
  /** `Authorization` by origin. */
  readonly credentials: ReadonlyMap<string, string>;
  /** User names without a password, by origin. Some are tokens; of others the password is in a keyring. */
  readonly users: ReadonlyMap<string, string>;
  /** Where each value stands that is not built in, in the order in which they count. Holds no credentials. */
  readonly origins: readonly Setting[];
}

/** What the command line or a requirements file says; they go before everything else. */
export interface GivenSettings {
  readonly indexUrl?: string | undefined;
  readonly extraIndexUrl: readonly string[];
  readonly findLinks: readonly string[];
  readonly noIndex: boolean;
  readonly cert?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly proxy?: string | undefined;
  readonly keyringProvider?: string | undefined;
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
  /** URLs of files that requirements name, for the credentials in them. */
  readonly files?: readonly URL[] | undefined;
}

export type { ConfigFile };

export const defaultIndex = "https://pypi.org/simple/";

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
  const configured = lookUpIn(env, configFiles);
  const first = (key: SettingKey, value: unknown) => onCommandLine(key, value) ?? configured(key);
  const all = (key: SettingKey, values: readonly string[]) => [
    ...values.flatMap((value) => onCommandLine(key, value) ?? []),
    ...words(configured(key)),
  ];

  const noIndex = first("no-index", given.noIndex ? "true" : undefined);
  const indexUrl = words(first("index-url", given.indexUrl)).slice(0, 1);
  const extraIndexUrls = all("extra-index-url", given.extraIndexUrl);
  const findLinks = all("find-links", given.findLinks);
  const [cert, clientCert, proxy, keyring, timeout, retries] = [
    first("cert", given.cert),
    first("client-cert", given.clientCert),
    first("proxy", given.proxy),
    first("keyring-provider", given.keyringProvider),
    first("timeout", given.timeout),
    first("retries", given.retries),
  ];

  const main: Setting = indexUrl[0] ?? { key: "index-url", value: defaultIndex, place: "tspip's default" };
  const indexes = isTrue(noIndex) ? [] : [...extraIndexUrls, main].map(readUrl);
  const places = findLinks.map((setting) => readPlace(setting, cwd));
  return {
    indexes: indexes.map(withoutCredentials),
    findLinks: places.map(withoutCredentials),
    ...(cert !== undefined && { cert: resolve(cwd, cert.value) }),
    ...(clientCert !== undefined && { clientCert: resolve(cwd, clientCert.value) }),
    ...(proxy !== undefined && { proxy: readProxy(proxy) }),
    keyring: readKeyring(keyring),
    timeoutSeconds: timeout === undefined ? 15 : readTimeout(timeout),
    retries: retries === undefined ? 4 : readRetries(retries),
    credentials: credentialsIn([...(given.files ?? []), ...indexes, ...places]),
    users: usersIn(indexes),
    origins: [indexUrl, extraIndexUrls, findLinks, noIndex, cert, clientCert, proxy, keyring, timeout, retries]
      .flatMap((setting) => setting ?? [])
      .map((setting) => ({ ...setting, value: redacted(setting.value) })),
  };
}

function isTrue(setting: Setting | undefined): boolean {
  if (setting === undefined || /^(?:0|n|no|f|false|off)$/i.test(setting.value)) return false;
  if (/^(?:1|y|yes|t|true|on)$/i.test(setting.value)) return true;
  throw unusable(setting, "is neither true nor false");
}

/** pip takes a proxy without a scheme as one that speaks http. */
function readProxy(setting: Setting): string {
  const { value } = setting;
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
  if (url === null || !/^(?:https?|socks5h?):$/.test(url.protocol))
    throw unusable(setting, "is not the URL of a proxy");
  return url.href;
}

/** pip's `import` and `auto` load code into pip's own process; of those we have only the program. */
function readKeyring(setting: Setting | undefined): IndexSettings["keyring"] {
  if (setting === undefined || setting.value === "disabled" || setting.value === "auto") return "disabled";
  if (setting.value === "subprocess" || setting.value === "import") return "subprocess";
  throw unusable(setting, "is none of disabled and subprocess");
}

function readTimeout(setting: Setting): number {
  const seconds = /^\d{1,6}(?:\.\d{1,3})?$/.test(setting.value) ? Number(setting.value) : 0;
  if (seconds === 0) throw unusable(setting, "is no number of seconds");
  return seconds;
}

function readRetries(setting: Setting): number {
  if (!/^\d{1,3}$/.test(setting.value)) throw unusable(setting, "is no number of attempts");
  return Number(setting.value);
}

function readUrl(setting: Setting): URL {
  const url = URL.parse(setting.value);
  if (url === null || !/^https?:$/.test(url.protocol)) throw unusable(setting, "is not the URL of an index");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** A folder or file by path, or a page by URL. */
function readPlace(setting: Setting, cwd: string): URL {
  const { value } = setting;
  const url = URL.parse(value);
  if (url !== null && /^(?:https?|file):$/.test(url.protocol)) return url;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) throw unusable(setting, "is not the URL of a page or folder");
  return pathToFileURL(resolve(cwd, value));
}

function unusable({ key, value, place }: Setting, why: string): UsageError {
  return new UsageError("invalid-setting", `${place}: ${key} "${redacted(value)}" ${why}`);
}

/** For messages. A value that is no URL but has an at-sign may be a URL with a slip in it, password and all. */
function redacted(value: string): string {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) ? withoutCredentials(url).href : value.replace(/^.*@/s, "…@");
}

function credentialsIn(urls: readonly URL[]): Map<string, string> {
  const known = urls.filter(({ username, password }) => username !== "" || password !== "");
  return new Map(
    known.map(({ origin, username, password }) => [
      origin,
      basicAuthorization(percentDecoded(username), percentDecoded(password)),
    ]),
  );
}

function usersIn(urls: readonly URL[]): Map<string, string> {
  const known = urls.filter(({ username, password }) => username !== "" && password === "");
  return new Map(known.map(({ origin, username }) => [origin, percentDecoded(username)]));
}

/** RFC 7617. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** A percent sign that begins no escape stands for itself: passwords are pasted as they are. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
