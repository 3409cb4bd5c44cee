import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type NetrcEntry, parseNetrc } from "../../package-index/netrc.ts";
import { basicAuthorization, type IndexSettings } from "../../package-index/settings.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";

/**
 * `Authorization` by origin: what stands in URLs of indexes; else the keyring, where one is asked for; else the netrc
 * file, which also knows hosts that only files come from.
 */
export async function indexCredentials(settings: IndexSettings, host: Host): Promise<ReadonlyMap<string, string>> {
  const { credentials, indexes, users, keyring } = settings;
  const found = new Map(credentials);
  if (keyring === "subprocess") {
    for (const index of indexes) {
      const authorization = await fromKeyring(index, users.get(index.origin), host);
      if (authorization !== undefined) found.set(index.origin, authorization);
    }
  }
  for (const entry of await netrcEntries(host)) {
    const origins = indexes.filter(({ hostname }) => hostname === entry.host).map(({ origin }) => origin);
    for (const origin of new Set([...origins, `https://${entry.host}`])) {
      if (!found.has(origin)) found.set(origin, basicAuthorization(entry.login, entry.password));
    }
  }
  return found;
}

/** What cannot be read is passed over. */
async function netrcEntries(host: Host): Promise<NetrcEntry[]> {
  const { env, homedir, cwd, signal } = host;
  const path = env.NETRC ? resolve(cwd, env.NETRC) : join(homedir, ".netrc");
  let text = "";
  try {
    text = (await bytesOf(path, host)).toString("utf8");
  } catch {
    signal.throwIfAborted();
  }
  return parseNetrc(text);
}

/** As pip does with `--keyring-provider subprocess`: `keyring get URL USER`, from PATH. Who has none gets none. */
async function fromKeyring(index: URL, user: string | undefined, { env, signal }: Host): Promise<string | undefined> {
  if (user === undefined) return undefined;
  for (const service of [index.href, index.host]) {
    try {
      const options = {
        env: { ...env, PYTHONIOENCODING: "utf-8" },
        timeout: 60_000,
        encoding: "utf8",
        signal,
      } as const;
      const { execFile } = await import("node:child_process");
      const { stdout } = await promisify(execFile)("keyring", ["get", service, user], options);
      const password = stdout.replace(/\r?\n$/, "");
      if (password !== "") return basicAuthorization(user, password);
    } catch {
      signal.throwIfAborted();
      // No keyring program, or no such entry: the index says what it thinks of that.
    }
  }
  return undefined;
}
