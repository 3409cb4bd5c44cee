import { dirname, join, resolve } from "node:path";
import { messageOf, TrustError, UsageError } from "../../errors.ts";
import type { Keyring } from "../../keyring/keyring.ts";
import { type KeyringPin, parsePin, pinDigest } from "../../keyring/pin.ts";
import type { Transport } from "../../package-index/transport.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import type { PolicyInForce } from "./policy-in-force.ts";
import { besidePolicy, dataDirectory } from "./trusted-root.ts";

/** A keyring as the user named it, and where what is accepted of it is kept. */
export interface NamedKeyring {
  /** Of the file that pins it, or of the policy; paths in the pin are relative to it. */
  readonly folder: string;
  readonly pin: KeyringPin;
  /** The TUF root to begin with. */
  readonly root?: Buffer;
  readonly stateFolder: string;
}

/**
 * `--keyring FILE`, else `[trust] keyring` of the policy.
 * @throws UsageError when neither names one, TrustError when it cannot be read
 */
export async function namedKeyring(
  option: string | undefined,
  policy: PolicyInForce,
  host: Host,
): Promise<NamedKeyring> {
  if (option !== undefined) return keyringAt(resolve(host.cwd, option), host);
  const { keyring: place } = policy.policy.trust;
  if (place === undefined)
    throw new UsageError("keyring-absent", "The policy names no keyring", { hint: "Give --keyring FILE" });
  if (place.kind === "file") return keyringAt(besidePolicy(place.path, policy, host), host);
  return withState({ form: "tuf", url: place.url, root: place.root }, besidePolicy(".", policy, host), host);
}

/** The keyring that the file `path` pins. @throws TrustError */
export async function keyringAt(path: string, host: Host): Promise<NamedKeyring> {
  return withState(pinIn(await read(path, "the keyring", host), path), dirname(path), host);
}

function pinIn(bytes: Buffer, path: string): KeyringPin {
  try {
    return parsePin(bytes);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw new TrustError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

async function withState(pin: KeyringPin, folder: string, host: Host): Promise<NamedKeyring> {
  const root =
    pin.form === "tuf" ? await read(resolve(folder, pin.root), "the TUF root of the keyring", host) : undefined;
  const stateFolder = join(dataDirectory(host), "keyrings", pinDigest(pin, root));
  return { folder, pin, stateFolder, ...(root && { root }) };
}

async function read(path: string, what: string, host: Host): Promise<Buffer> {
  try {
    return await bytesOf(path, host);
  } catch (error) {
    throw new TrustError("keyring-unreadable", `Cannot read ${what} "${path}": ${messageOf(error)}`, { cause: error });
  }
}

/** What the keyring shows now, checked against what was accepted before. @throws TrustError */
export async function loadKeyring(named: NamedKeyring, transport: Transport, host: Host): Promise<Keyring> {
  const { pin, folder, root, stateFolder } = named;
  if (pin.form === "tuf") {
    // tuf-js takes longer to load than a plain keyring takes to read.
    const { loadTufKeyring } = await import("../../keyring/load-tuf.ts");
    return loadTufKeyring(
      { transport, url: fetchable(pin.url), pinnedRoot: root ?? Buffer.of() },
      stateFolder,
      host.now(),
    );
  }
  const { folderSource, loadPlainKeyring, urlSource } = await import("../../keyring/load-plain.ts");
  const source = /^https?:/i.test(pin.from)
    ? urlSource(fetchable(pin.from), transport)
    : folderSource(resolve(folder, pin.from));
  return loadPlainKeyring(source, pin, stateFolder, host.now());
}

/** `https:`, or a server of this machine. */
function fetchable(text: string): URL {
  const url = URL.parse(text);
  const isLocal = url?.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url === null || !(url.protocol === "https:" || isLocal))
    throw new TrustError("keyring-refused", `The keyring is at "${text}", which is no https URL`);
  return url;
}
