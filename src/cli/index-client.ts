import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, UsageError } from "../errors.ts";
import { createIndexClient, type IndexClient } from "../package-index/client.ts";
import { type ConfigFile, type GivenSettings, type IndexSettings, indexSettings } from "../package-index/settings.ts";
import { createTransport, type Transport } from "../package-index/transport.ts";
import type { FileOption } from "../plan/requirements-file.ts";
import type { Host } from "./host.ts";
import type { GateOptions } from "./program.ts";
import type { Talk } from "./terminal.ts";
import { version } from "./version.ts";

/** A client for the indexes that the command line, requirements files, environment and pip's files name. */
export async function openIndexClient(
  options: GateOptions,
  fileOptions: readonly FileOption[],
  talk: Talk,
  host: Host,
): Promise<{ client: IndexClient; transport: Transport }> {
  const settings = await settingsFor(given(options, fileOptions), host);
  const transport = await transportFor(settings, options.offline === true, host);
  const client = createIndexClient({
    transport,
    indexes: settings.indexes,
    findLinks: settings.findLinks,
    warn: talk.warn,
  });
  return { client, transport };
}

/** A transport for commands that ask no index, by the same settings. */
export async function openTransport(
  options: Partial<Pick<GateOptions, "cert" | "timeout" | "retries" | "offline">>,
  host: Host,
): Promise<Transport> {
  const { cert, timeout, retries, offline } = options;
  const settings = await settingsFor({ extraIndexUrl: [], findLinks: [], noIndex: true, cert, timeout, retries }, host);
  return transportFor(settings, offline === true, host);
}

async function settingsFor(settings: GivenSettings, host: Host): Promise<IndexSettings> {
  return indexSettings(settings, host.env, await pipConfigFiles(host), host.cwd);
}

async function transportFor(
  { cert, timeoutSeconds, retries, credentials }: IndexSettings,
  isOffline: boolean,
  host: Host,
): Promise<Transport> {
  const ca = cert === undefined ? undefined : await readCertificates(cert);
  return createTransport({
    online: !isOffline,
    timeoutMs: timeoutSeconds * 1000,
    retries,
    credentials,
    proxies: proxiesIn(host.env),
    userAgent: `tspip/${version}`,
    signal: host.signal,
    ...(ca !== undefined && { ca }),
  });
}

/** What requirements files say comes after the command line and before everything else, as in pip. */
function given(options: GateOptions, fileOptions: readonly FileOption[]): GivenSettings {
  const inFiles = (name: FileOption["name"]) =>
    fileOptions.filter((option) => option.name === name).map(({ value }) => value);
  return {
    indexUrl: options.indexUrl ?? inFiles("--index-url").at(-1),
    extraIndexUrl: [...(options.extraIndexUrl ?? []), ...inFiles("--extra-index-url")],
    findLinks: [...(options.findLinks ?? []), ...inFiles("--find-links")],
    noIndex: !options.index || inFiles("--no-index").length > 0,
    cert: options.cert,
    timeout: options.timeout,
    retries: options.retries,
  };
}

/** pip's files, from the most general to the most particular: the last to name a setting wins. */
async function pipConfigFiles({ env, homedir }: Host): Promise<ConfigFile[]> {
  const named = env.PIP_CONFIG_FILE;
  const user = env.XDG_CONFIG_HOME ?? join(homedir, ".config");
  const usual = [
    "/etc/xdg/pip/pip.conf",
    "/etc/pip.conf",
    join(homedir, ".pip", "pip.conf"),
    join(user, "pip", "pip.conf"),
  ];
  const active = env.VIRTUAL_ENV ? [join(env.VIRTUAL_ENV, "pip.conf")] : [];
  // pip: with PIP_CONFIG_FILE=/dev/null no file is read at all.
  const paths = named === "/dev/null" ? [] : [...usual, ...active, ...(named ? [named] : [])];
  const files = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(path, "utf8").catch(() => "") })),
  );
  return files.filter(({ text }) => text !== "");
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError("no-such-file", `Cannot read the certificates in "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function proxiesIn(env: Host["env"]) {
  const first = (...names: string[]) => names.map((name) => env[name]).find((value) => value);
  const [http, https, none] = [first("http_proxy"), first("https_proxy", "HTTPS_PROXY"), first("no_proxy", "NO_PROXY")];
  return { ...(http && { http }), ...(https && { https }), ...(none && { none }) };
}
