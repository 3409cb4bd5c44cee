import { messageOf, UsageError } from "../../errors.ts";
import type { ArtifactStore } from "../../memory/artifact-store.ts";
import type { JsonStore } from "../../memory/json-store.ts";
import { createIndexClient, type IndexClient, type IndexClientOptions } from "../../package-index/client.ts";
import type { MappedIndex } from "../../package-index/index-map.ts";
import { rememberReleases } from "../../package-index/release-memory.ts";
import { lookUpIn } from "../../package-index/setting.ts";
import { type GivenSettings, type IndexSettings, indexSettings } from "../../package-index/settings.ts";
import { createTransport, type Transport } from "../../package-index/transport.ts";
import type { TransportOptions } from "../../package-index/transport-options.ts";
import type { FileOption } from "../../plan/requirements-file.ts";
import type { Policy } from "../../policy/policy.ts";
import type { ConnectionOptions, IndexOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { readText } from "../read-text.ts";
import { indexCredentials } from "../settings/index-credentials.ts";
import { pipConfigFiles } from "../settings/pip-config-files.ts";
import { projectSettings } from "../settings/project-settings.ts";
import type { Talk } from "../terminal.ts";
import { version } from "../version.ts";

/** What earlier commands left: admitted artifacts, and what was learnt of locked files. */
export interface KeptAnswers {
  readonly store?: ArtifactStore | undefined;
  readonly memory?: JsonStore | undefined;
}

export interface ClientParts
  extends KeptAnswers,
    Pick<GivenSettings, "files">,
    Pick<IndexClientOptions, "inPlace" | "room"> {
  readonly policy?: TlsPolicy;
}

/** What a policy says of the certificates of servers. */
export type TlsPolicy = Pick<Policy, "trust">;

/** A client, and the places that it asks. */
export interface OpenIndexes extends Pick<IndexSettings, "indexes" | "findLinks"> {
  readonly client: IndexClient;
  readonly transport: Transport;
  readonly mapped: readonly MappedIndex[];
}

/** A client for the indexes that the command line, requirements files, environment and pip's files name. */
export async function openIndexClient(
  options: IndexOptions,
  fileOptions: readonly FileOption[],
  talk: Talk,
  host: Host,
  { store, memory, policy, files, inPlace, room }: ClientParts = {},
): Promise<OpenIndexes> {
  const settings = await settingsFor({ ...given(options, fileOptions), files }, host);
  const { mapped } = await projectSettings(host);
  const transport = await transportFor(settings, options.offline === true, host, authoritiesOf(policy));
  const client = createIndexClient({
    transport,
    indexes: settings.indexes,
    mapped,
    findLinks: settings.findLinks,
    warn: talk.warn,
    stored: store,
    inPlace,
    room,
  });
  const { indexes, findLinks } = settings;
  const open = { client, transport, indexes, findLinks, mapped };
  if (memory === undefined) return open;
  const asked = [...indexes, ...findLinks].map(({ href }) => href);
  return { ...open, client: rememberReleases(client, [...asked, JSON.stringify(mapped)], memory) };
}

/**
 * A transport for a service: its own indexes, reached as TSPIP_* variables say. Of pip's settings it takes the certificate authorities
 * alone, as those of the machine.
 */
export async function openUpstreamTransport(indexes: readonly URL[], host: Host): Promise<Transport> {
  const own = Object.entries(host.env).filter(([name]) => !pipsOwn.test(name));
  const [first, ...others] = indexes.map(({ href }) => href);
  const cert = lookUpIn(host.env, await pipConfigFiles(host))("cert")?.value;
  const settings = indexSettings(
    { indexUrl: first, extraIndexUrl: others, findLinks: [], noIndex: first === undefined, cert },
    Object.fromEntries(own),
    [],
    host.cwd,
  );
  return transportFor(settings, false, host);
}

/** Variables that would add indexes to those of a service. */
const pipsOwn = /^(?:PIP_|TSPIP_(?:INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX)$)/;

/** A transport for commands that ask no index, by the same settings. */
export async function openTransport(
  options: Partial<Pick<IndexOptions, "cert" | "timeout" | "retries" | "offline">>,
  host: Host,
): Promise<Transport> {
  const { cert, timeout, retries, offline } = options;
  const settings = await settingsFor({ extraIndexUrl: [], findLinks: [], noIndex: true, cert, timeout, retries }, host);
  return transportFor(settings, offline === true, host);
}

/** The settings in force, with where each stands. @throws UsageError */
export function settingsInForce(options: IndexOptions, host: Host): Promise<IndexSettings> {
  return settingsFor(given(options, []), host);
}

/** A server that is no index, with what there is to authorize us. */
export interface OpenServer extends AsyncDisposable {
  readonly transport: Transport;
  readonly authorization?: string;
}

/**
 * @param given authorization, else what the address, the keyring or the netrc file has; and the policy in force
 */
export async function openServer(
  server: URL,
  options: ConnectionOptions & { readonly username?: string },
  host: Host,
  { authorization, policy }: { readonly authorization?: string | undefined; readonly policy?: TlsPolicy } = {},
): Promise<OpenServer> {
  const { cert, clientCert, proxy, keyringProvider, timeout, retries } = options;
  const address = new URL(server);
  if (address.username === "" && options.username !== undefined) address.username = options.username;
  const given = { indexUrl: address.href, extraIndexUrl: [], findLinks: [], noIndex: false };
  const found = await settingsFor({ ...given, cert, clientCert, proxy, keyringProvider, timeout, retries }, host);
  const settings = { ...found, indexes: found.indexes.slice(-1) };
  const own = authorization ?? (await authorizationFor(settings, server.origin, host));
  const credentials = own === undefined ? new Map<string, string>() : new Map([[server.origin, own]]);
  const transport = await transportFor(settings, options.offline === true, host, {
    credentials,
    ...authoritiesOf(policy),
  });
  return {
    transport,
    ...(own !== undefined && { authorization: own }),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

/** A user's name alone authorizes nobody. */
async function authorizationFor(settings: IndexSettings, origin: string, host: Host): Promise<string | undefined> {
  const { users, credentials } = settings;
  const complete = users.has(origin) ? new Map([...credentials].filter(([name]) => name !== origin)) : credentials;
  return (await indexCredentials({ ...settings, credentials: complete }, host)).get(origin);
}

function authoritiesOf(policy: TlsPolicy | undefined): Pick<TransportOptions, "authorities"> {
  const pinned = policy?.trust.tls;
  if (pinned === undefined) return {};
  const byHost = Map.groupBy(pinned, ({ host }) => host);
  return { authorities: new Map([...byHost].map(([host, rows]) => [host, rows.map(({ sha256 }) => sha256)])) };
}

async function settingsFor(settings: GivenSettings, host: Host): Promise<IndexSettings> {
  return indexSettings(settings, host.env, await pipConfigFiles(host), host.cwd);
}

async function transportFor(
  settings: IndexSettings,
  isOffline: boolean,
  host: Host,
  more: Pick<TransportOptions, "credentials" | "authorities"> = {},
): Promise<Transport> {
  const { cert, clientCert, proxy, timeoutSeconds, retries } = settings;
  const ca = cert && (await readCertificates(cert, host));
  const own = clientCert && (await readOwnCertificate(clientCert, host));
  return createTransport({
    online: !isOffline,
    timeoutMs: timeoutSeconds * 1000,
    retries,
    credentials: more.credentials ?? (await indexCredentials(settings, host)),
    ...(more.authorities !== undefined && { authorities: more.authorities }),
    proxies: withoutRemoteNames(proxy === undefined ? proxiesIn(host.env) : { http: proxy, https: proxy }),
    userAgent: `tspip/${version}`,
    signal: host.signal,
    ...(ca !== undefined && { ca }),
    ...(own !== undefined && { clientCert: own }),
  });
}

/** What requirements files say comes after the command line and before everything else, as in pip. */
function given(options: IndexOptions, fileOptions: readonly FileOption[]): GivenSettings {
  const inFiles = (name: FileOption["name"]) =>
    fileOptions.filter((option) => option.name === name).map(({ value }) => value);
  return {
    indexUrl: options.indexUrl ?? inFiles("--index-url").at(-1),
    extraIndexUrl: [...(options.extraIndexUrl ?? []), ...inFiles("--extra-index-url")],
    findLinks: [...(options.findLinks ?? []), ...inFiles("--find-links")],
    noIndex: !options.index || inFiles("--no-index").length > 0,
    cert: options.cert,
    clientCert: options.clientCert,
    proxy: options.proxy,
    keyringProvider: options.keyringProvider,
    timeout: options.timeout,
    retries: options.retries,
  };
}

/** Without a certificate in it, the file would be passed over in silence. @throws UsageError */
async function readCertificates(path: string, host: Host): Promise<string> {
  const text = await readText(path, `the certificates in "${path}"`, host);
  if (/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(text)) return text;
  throw new UsageError("invalid-certificate", `"${path}" holds no certificate`, { hint: "Certificates are PEM texts" });
}

/** Ours, with its key in the same file, as pip has it. */
async function readOwnCertificate(path: string, host: Host): Promise<string> {
  const text = await readCertificates(path, host);
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  try {
    const key = createPrivateKey(text);
    if (!new X509Certificate(text).checkPrivateKey(key)) throw new Error("its key is that of another");
    return text;
  } catch (error) {
    throw new UsageError("invalid-certificate", `Cannot use the certificate in "${path}": ${messageOf(error)}`, {
      hint: "The file holds the certificate and its private key, as PEM texts and without a passphrase",
      cause: error,
    });
  }
}

/** curl's variables: http_proxy only in lower case, as HTTP_PROXY may come from a request (CVE-2016-5385). */
function proxiesIn(env: Host["env"]) {
  const first = (...names: string[]) => names.map((name) => env[name]).find((value) => value);
  const any = first("all_proxy", "ALL_PROXY");
  const [http, https] = [first("http_proxy") ?? any, first("https_proxy", "HTTPS_PROXY") ?? any];
  const none = first("no_proxy", "NO_PROXY");
  return { ...(http && { http }), ...(https && { https }), ...(none && { none }) };
}

/** socks5h is curl's word for a proxy that looks names up itself, as ours always does. */
function withoutRemoteNames<Proxies extends Readonly<Record<string, string>>>(proxies: Proxies): Proxies {
  const entries = Object.entries(proxies).map(([name, url]) => [name, url.replace(/^socks5h:/i, "socks5:")]);
  return Object.fromEntries(entries) as Proxies;
}
