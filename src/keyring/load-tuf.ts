import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { messageOf, TrustError, type TspipError } from "../errors.ts";
import type { Transport } from "../package-index/transport.ts";
import { TransportFetcher } from "../trust-store/transport-fetcher.ts";
import { keyListLimit } from "./key-list.ts";
import type { Keyring } from "./keyring.ts";
import { expired, formatTime } from "./members.ts";
import { checkClock, makeStateFolder, writeState } from "./state-folder.ts";
import { checkTufRoot } from "./tuf-root.ts";
import { parseTarget, targetName } from "./tuf-target.ts";

export interface TufSource {
  readonly transport: Transport;
  /** Where the metadata is; targets are below `targets/`. */
  readonly url: URL;
  /** The root to begin with. Later ones are reached by rotation. */
  readonly pinnedRoot: Uint8Array;
}

/**
 * The keyring that a TUF repository has as a target (theupdateframework.github.io, 5: detailed client workflow). Root
 * rotation, thresholds, roll-back, freeze and expiry are tuf-js's to refuse; what cannot be reached falls back to what
 * was accepted last, as long as that has not expired.
 * @param folder where what is accepted is kept
 * @throws TrustError when no keyring is shown to be current
 */
export async function loadTufKeyring(source: TufSource, folder: string, now: Date): Promise<Keyring> {
  await checkClock(folder, now);
  checkTufRoot(source.pinnedRoot);
  if (!existsSync(join(folder, "root.json"))) await writeState(folder, "root.json", source.pinnedRoot);
  makeStateFolder(join(folder, "targets"));
  const bytes = await update(source, folder);
  return readKeyring(bytes, folder, now);
}

async function update(source: TufSource, folder: string): Promise<Buffer> {
  const online = await attempt(source, folder, false);
  if ("bytes" in online) return online.bytes;
  if (online.unreachable === undefined) throw refusal(source, online.error);
  const stored = await attempt(source, folder, true);
  if ("bytes" in stored) return stored.bytes;
  // What it says of its own is why the network was needed at all.
  throw new TrustError("keyring-unreachable", `The keyring could not be had: ${online.unreachable.message}`, {
    cause: stored.error,
    hint: existsSync(join(folder, "timestamp.json")) ? "What was had before has expired" : "There was none before",
  });
}

type Attempt = { readonly bytes: Buffer } | { readonly error: unknown; readonly unreachable: TspipError | undefined };

async function attempt({ transport, url }: TufSource, folder: string, forceCache: boolean): Promise<Attempt> {
  let unreachable: TspipError | undefined;
  const fetcher = new CheckedRoots(transport, (error) => {
    unreachable = error;
  });
  try {
    const base = url.href.replace(/\/$/, "");
    const updater = new Updater({
      metadataDir: folder,
      metadataBaseUrl: base,
      targetDir: join(folder, "targets"),
      targetBaseUrl: `${base}/targets`,
      fetcher,
      forceCache,
    });
    await updater.refresh();
    const target = await updater.getTargetInfo(targetName);
    if (target === undefined) throw new Error(`it has no target ${targetName}`);
    const path = (await updater.findCachedTarget(target)) ?? (await updater.downloadTarget(target));
    return { bytes: await readFile(path) };
  } catch (error) {
    return { error, unreachable };
  }
}

function refusal({ url }: TufSource, error: unknown): TrustError {
  if (error instanceof TrustError) return error;
  const message = messageOf(error);
  // By its text: tuf-js wraps what is wrong with a snapshot, or with targets, in an error of another class.
  const code = /expired/i.test(message) ? "keyring-expired" : "keyring-refused";
  return new TrustError(code, `The keyring of ${url.href} is refused: ${message}`, { cause: error });
}

/** Every root on the way has to be one that our own check accepts, too. */
class CheckedRoots extends TransportFetcher {
  override async fetch(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const stream = await super.fetch(url);
    if (!/\/\d+\.root\.json$/.test(new URL(url).pathname)) return stream;
    const bytes = await readUpTo(stream, keyListLimit);
    checkTufRoot(bytes);
    return ReadableStream.from([bytes]) as ReadableStream<Uint8Array<ArrayBuffer>>;
  }
}

async function readUpTo(stream: ReadableStream<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) throw new TrustError("keyring-refused", `a TUF root has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readKeyring(bytes: Buffer, folder: string, now: Date): Promise<Keyring> {
  const target = parseTarget(bytes);
  const roles = await Promise.all(
    ["root", "timestamp", "snapshot", "targets"].map((role) => readMetadata(folder, role)),
  );
  const currentUntil = new Date(Math.min(...roles.map(({ expires }) => expires.getTime())));
  // tuf-js asks the machine's clock; everything else here is judged by the time of the command.
  if (now >= currentUntil) throw expired(`the metadata of the keyring was good until ${formatTime(currentUntil)}`);
  return { ...target, version: roles.at(-1)?.version ?? 0, currentUntil };
}

/** Metadata that tuf-js has verified and kept. */
async function readMetadata(folder: string, role: string): Promise<{ expires: Date; version: number }> {
  const { signed } = JSON.parse(await readFile(join(folder, `${role}.json`), "utf8"));
  return { expires: new Date(signed.expires), version: signed.version };
}
