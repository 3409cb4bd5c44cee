import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { IndexError, messageOf, TrustError } from "../errors.ts";
import { getDocument } from "../package-index/document.ts";
import type { Transport } from "../package-index/transport.ts";
import { keyListLimit } from "./key-list.ts";
import type { Keyring } from "./keyring.ts";
import { formatTime, parseMembers } from "./members.ts";
import { checkClock, readState, writeState } from "./state-folder.ts";
import { type PlainOffer, type PlainPin, type PlainState, readKeyList, verifyPlain } from "./verify-plain.ts";

/** Where the documents of the plain form are. Nothing for one that is not there. @throws IndexError, TrustError */
export type PlainSource = (name: string) => Promise<Buffer | undefined>;

/** Files in a folder: on a stick, in a repository, on a shared disk. */
export function folderSource(folder: string): PlainSource {
  return async (name) => {
    try {
      const path = join(folder, name);
      const stats = await stat(path);
      // A pipe would keep us waiting, and a device may never end.
      if (!stats.isFile()) throw new Error("it is no regular file");
      if (stats.size > keyListLimit) throw new Error(`it has ${stats.size} bytes, more than ${keyListLimit}`);
      return await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new TrustError("keyring-unreadable", `Cannot read "${join(folder, name)}": ${messageOf(error)}`);
    }
  };
}

/** Files on a web server. */
export function urlSource(base: URL, transport: Transport): PlainSource {
  return async (name) => {
    const url = new URL(name, base.href.endsWith("/") ? base : `${base.href}/`);
    const { status, bytes } = await getDocument(url, { accept: "*/*", maxBytes: keyListLimit }, transport);
    if (status === 200) return bytes;
    if (status === 404 || status === 410) return undefined;
    throw new IndexError("index-unreachable", `${url.href} answers with HTTP status ${status}`);
  };
}

/** The newest list is this many versions ahead at most. */
const mostSteps = 64;

/**
 * The keyring that `source` shows, checked against `pin` and what was accepted before. What cannot be asked falls back to
 * what was accepted last, as long as that is current; what is offered and refused does not.
 * @param folder where what is accepted is kept
 * @throws TrustError when no keyring is shown to be current
 */
export async function loadPlainKeyring(
  source: PlainSource,
  pin: PlainPin,
  folder: string,
  now: Date,
): Promise<Keyring> {
  await checkClock(folder, now);
  const stored = await storedOffer(folder);
  const accept = async (offer: PlainOffer): Promise<Keyring> => {
    const { keyring, state } = await verifyInSteps(offer, stored?.state, { source, pin, now });
    if (offer !== stored?.offer) await store(folder, offer, state);
    return keyring;
  };
  let offer: PlainOffer;
  try {
    offer = await readOffer(source);
  } catch (error) {
    if (!(error instanceof IndexError) || stored === undefined) throw asTrustError(error);
    return accept(stored.offer).catch((older) => {
      throw new TrustError("keyring-unreachable", `${messageOf(error)}; and what was had before: ${messageOf(older)}`);
    });
  }
  return accept(offer);
}

function asTrustError(error: unknown): unknown {
  if (!(error instanceof IndexError)) return error;
  return new TrustError("keyring-unreachable", `The keyring could not be had: ${error.message}`, { cause: error });
}

interface Stored {
  readonly offer: PlainOffer;
  readonly state: PlainState;
}

/** Both documents in one file, so that no half of them can be lost. */
const storedName = "accepted.json";

async function storedOffer(folder: string): Promise<Stored | undefined> {
  const bytes = await readState(folder, storedName);
  if (bytes === undefined) return undefined;
  const members = parseMembers(bytes, storedName, 2 * keyListLimit);
  const document = (name: string) => Buffer.from(members.text(name, 2 * keyListLimit));
  const offer = { keys: document("keys"), current: document("current") };
  return { offer, state: { keys: offer.keys, issued: members.time("issued") } };
}

async function store(folder: string, { keys, current }: PlainOffer, { issued }: PlainState): Promise<void> {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");
  await writeState(
    folder,
    storedName,
    JSON.stringify({ keys: text(keys), current: text(current), issued: formatTime(issued) }),
  );
}

async function readOffer(source: PlainSource): Promise<PlainOffer> {
  const [keys, current] = await Promise.all(["keys.jws", "current.jws"].map(source));
  if (keys === undefined || current === undefined)
    throw new TrustError("keyring-absent", `There is no ${keys === undefined ? "keys.jws" : "current.jws"}`);
  return { keys, current };
}

interface Verifying {
  readonly source: PlainSource;
  readonly pin: PlainPin;
  readonly now: Date;
}

/** At once, or where the roots changed more than once since we looked, by way of the lists that were missed. */
async function verifyInSteps(offer: PlainOffer, state: PlainState | undefined, { source, pin, now }: Verifying) {
  try {
    return verifyPlain(offer, state, pin, now);
  } catch (error) {
    const between = await missedLists(source, offer.keys, state, pin).catch(() => []);
    if (between.length === 0) throw error;
    return verifyPlain({ ...offer, between }, state, pin, now);
  }
}

/** Those between what was accepted, or else pinned, and `keys`. A pin without a version is one of the beginning. */
async function missedLists(
  source: PlainSource,
  keys: Uint8Array,
  state: PlainState | undefined,
  { version: pinned = 0 }: PlainPin,
): Promise<Buffer[]> {
  const first = 1 + (state === undefined ? pinned : readKeyList(state.keys).version);
  const last = readKeyList(keys).version - 1;
  const versions = Array.from({ length: Math.min(mostSteps, Math.max(0, last - first + 1)) }, (_, at) => first + at);
  const lists = await Promise.all(versions.map((version) => source(`${version}.keys.jws`)));
  return lists.filter((list) => list !== undefined);
}
