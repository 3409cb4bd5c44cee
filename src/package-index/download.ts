import { writeSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { IndexError } from "../errors.ts";
import { type Arriving, growingFile } from "./arriving.ts";
import { cannotWrite, makeArtifactFolder, writing } from "./artifact-folder.ts";
import type { TransportResponse } from "./exchange.ts";
import { heldInMemory, heldOpen } from "./held-open.ts";
import { type InPlace, openPrivate, takeLocalFile } from "./local-file.ts";
import { broken } from "./request.ts";
import type { HeldMemory, Room } from "./room.ts";
import { startDigests } from "./running-digests.ts";
import type { Transport } from "./transport.ts";
import { shown } from "./url.ts";

export interface DownloadHooks {
  /** Called before each redirect is followed; what it throws ends the download. */
  readonly beforeHop?: (url: URL) => Promise<void>;
  /** Called for each attempt to fetch the bytes, before the first is here. */
  readonly onArriving?: (arriving: Arriving) => void;
  readonly stored?: StoredBytes;
  /** See local-file.ts. */
  readonly inPlace?: InPlace | undefined;
  /** For files that nothing wants on disk. */
  readonly room?: Room | undefined;
}

/** Bytes that were had before, by SHA-256. They are hashed like any others. */
export interface StoredBytes {
  /** Where they lie, if they may be read there: nobody else may write to them. */
  find(sha256: string): string | undefined;
  /** Puts them at `path`. @returns whether there were any */
  take(sha256: string, path: string): Promise<boolean>;
  /** Called for what was taken and turned out to be something else. */
  discard(sha256: string): Promise<void>;
}

/** Gives the path of a folder that is nobody else's; it may be made when it is first asked for. */
export type PrivateFolder = () => string;

/** The largest wheels of PyPI are limited to a few GiB. */
const maxArtifactBytes = 8 * 2 ** 30;

/**
 * Brings an artifact's bytes into a folder below `privateFolder`, or into memory, and hashes them on the way.
 * Whether the digests are those promised is not judged here.
 * @throws IndexError, ArtifactError `artifact-unreadable`, EnvironmentError `cannot-write`
 */
export async function download(
  ref: ArtifactRef,
  privateFolder: PrivateFolder,
  transport: Transport,
  hooks: DownloadHooks = {},
): Promise<Artifact> {
  let folder: string | undefined;
  const privatePath = async () => {
    folder ??= await makeArtifactFolder(privateFolder());
    return join(folder, ref.filename.text);
  };
  try {
    if (ref.url.protocol === "file:") return await takeLocalFile(ref, privatePath, hooks.inPlace);
    const stored = await takeStored(ref, privatePath, hooks);
    if (stored !== undefined) return stored;
    // Before anything is asked for, should there be no place for it.
    if (hooks.room === undefined) await privatePath();
    return await transport.repeat(() => fetchOnce(ref, privatePath, transport, hooks));
  } catch (error) {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Bytes that were had before do as well, when they still are those that are promised. */
async function takeStored(
  ref: ArtifactRef,
  privatePath: () => Promise<string>,
  { stored }: DownloadHooks,
): Promise<Artifact | undefined> {
  const sha256 = ref.digests.sha256 ?? onlyPin(ref);
  if (sha256 === undefined || stored === undefined) return undefined;
  const kept = stored.find(sha256);
  const path = kept ?? (await privatePath());
  if (kept === undefined && !(await stored.take(sha256, path))) return undefined;
  // Somebody may clear the cache meanwhile.
  const artifact = await openPrivate(ref, path).catch(() => undefined);
  if (artifact?.digests.sha256 === sha256) return artifact;
  await artifact?.close();
  await rm(path, { force: true });
  await stored.discard(sha256);
  return undefined;
}

function onlyPin({ pins = [] }: ArtifactRef): string | undefined {
  const [pin] = pins;
  return pins.length === 1 && pin?.algorithm === "sha256" ? pin.hex : undefined;
}

async function fetchOnce(
  ref: ArtifactRef,
  privatePath: () => Promise<string>,
  transport: Transport,
  hooks: DownloadHooks,
): Promise<Artifact> {
  const response = await transport.get(ref.url, { encoding: "identity", ...hooks });
  if (response.status !== 200)
    throw new IndexError("artifact-missing", `${shown(response.url)} answers with HTTP status ${response.status}`);
  const length = lengthOf(response);
  const memory = length === undefined ? undefined : hooks.room?.take(length);
  return memory === undefined
    ? await fetchToFile(ref, response, await privatePath(), hooks)
    : await fetchToMemory(ref, response, memory);
}

async function fetchToFile(
  ref: ArtifactRef,
  response: TransportResponse,
  path: string,
  { onArriving }: DownloadHooks,
): Promise<Artifact> {
  const file = await writing(path, open(path, "wx+", 0o600));
  try {
    const digests = startDigests(ref);
    const arriving = growingFile(path, lengthOf(response));
    onArriving?.(arriving);
    for await (const chunk of limited(response, ref.size ?? maxArtifactBytes)) {
      digests.update(chunk);
      writeAll(path, file, chunk);
      arriving.grow(chunk.length);
    }
    return heldOpen(ref, file, path, digests.finish(), arriving.length);
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
}

/** What is not kept need not be written either (docs/decisions/0005-installing.md). */
async function fetchToMemory(
  ref: ArtifactRef,
  response: TransportResponse,
  { bytes, leave }: HeldMemory,
): Promise<Artifact> {
  try {
    const digests = startDigests(ref);
    let size = 0;
    for await (const chunk of limited(response, Math.min(bytes.length, ref.size ?? maxArtifactBytes))) {
      digests.update(chunk);
      bytes.set(chunk, size);
      size += chunk.length;
    }
    // Nothing may be held that was not hashed.
    if (size < bytes.length) throw broken(response.url, `${size} of ${bytes.length} bytes came`);
    return heldInMemory(ref, bytes, ref.filename.text, digests.finish(), leave);
  } catch (error) {
    leave();
    throw error;
  }
}

/** RFC 9110, 8.6. */
function lengthOf(response: TransportResponse): number | undefined {
  const length = response.header("content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** One byte more than promised is enough to know: the digest would not match either. */
async function* limited({ body, url }: TransportResponse, maxBytes: number): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new IndexError("too-large", `${shown(url)} sends more than ${maxBytes} bytes`);
    yield chunk;
  }
}

/** The system takes it into memory at once: to hand it to another thread first takes longer. @throws EnvironmentError `cannot-write` */
function writeAll(path: string, { fd }: FileHandle, chunk: Buffer): void {
  try {
    for (let written = 0; written < chunk.length; ) written += writeSync(fd, chunk, written);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
