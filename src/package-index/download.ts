import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, type FileHandle, mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import type { SharedBytes } from "../distribution/byte-source.ts";
import type { HashAlgorithm } from "../distribution/digest.ts";
import { ArtifactError, IndexError, messageOf } from "../errors.ts";
import { openShared } from "../threads/shared-bytes.ts";
import type { DownloadHooks } from "./client.ts";
import { shown } from "./shown.ts";
import type { Transport } from "./transport.ts";

/** The largest wheels of PyPI are limited to a few GiB. */
const maxArtifactBytes = 8 * 2 ** 30;

/** Local files up to this are read into memory, which is as private as a copy and quicker. */
const heldInMemory = 8 << 20;

/**
 * Brings an artifact's bytes into a private folder below `directory` and hashes them on the way. A local file is
 * copied as well, into memory or by reference where the file system can: what is judged must not change under us.
 * @throws IndexError, ArtifactError `artifact-unreadable`
 */
export async function download(
  ref: ArtifactRef,
  directory: string,
  transport: Transport,
  hooks: DownloadHooks = {},
): Promise<Artifact> {
  if (ref.url.protocol === "file:" && (await sizeOf(ref)) <= heldInMemory) return readLocal(ref);
  const folder = await mkdtemp(join(directory, "artifact-"));
  const path = join(folder, ref.filename.text);
  try {
    if (ref.url.protocol === "file:") return await copyLocal(ref, path);
    return await fetchWithRetries(ref, path, transport, hooks);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function sizeOf({ url }: ArtifactRef): Promise<number> {
  const path = fileURLToPath(url);
  return (await stat(path).catch((error) => unreadable(path, error))).size;
}

async function readLocal(ref: ArtifactRef): Promise<Artifact> {
  const path = fileURLToPath(ref.url);
  const bytes = await readFile(path).catch((error) => unreadable(path, error));
  const hashes = startHashes(ref);
  hashes.update(bytes);
  const { length } = bytes;
  return {
    ref,
    path,
    size: length,
    digests: hashes.digests(),
    ...opened({ kind: "memory", bytes }),
    close: async () => {},
  };
}

function unreadable(path: string, error: unknown): never {
  throw new ArtifactError("artifact-unreadable", `Cannot read "${path}": ${messageOf(error)}`, { cause: error });
}

async function copyLocal(ref: ArtifactRef, path: string): Promise<Artifact> {
  const from = fileURLToPath(ref.url);
  let file: FileHandle;
  try {
    await copyFile(from, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    file = await open(path, "r");
  } catch (error) {
    return unreadable(from, error);
  }
  const hashes = startHashes(ref);
  let size = 0;
  for await (const chunk of file.createReadStream({ autoClose: false, start: 0, highWaterMark: 1 << 20 })) {
    hashes.update(chunk);
    size += chunk.length;
  }
  return artifact(ref, file, path, hashes, size);
}

async function fetchWithRetries(
  ref: ArtifactRef,
  path: string,
  transport: Transport,
  hooks: DownloadHooks,
): Promise<Artifact> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fetchOnce(ref, path, transport, hooks);
    } catch (error) {
      // A connection that breaks in the middle of a body is tried again; the transport has tried everything else.
      const isBroken = error instanceof IndexError && error.code === "index-unreachable";
      if (!isBroken || attempt >= transport.retries) throw error;
      await rm(path, { force: true });
    }
  }
}

async function fetchOnce(
  ref: ArtifactRef,
  path: string,
  transport: Transport,
  hooks: DownloadHooks,
): Promise<Artifact> {
  const response = await transport.get(ref.url, { encoding: "identity", ...hooks });
  if (response.status !== 200)
    throw new IndexError("artifact-missing", `${shown(ref.url)} answers with HTTP status ${response.status}`);
  const declared = Number(response.header("content-length") ?? Number.NaN);
  // One byte more than promised is enough to know: the digest will not match either.
  const limit = Math.min(maxArtifactBytes, ref.size ?? maxArtifactBytes);
  const file = await open(path, "wx+", 0o600);
  try {
    const hashes = startHashes(ref);
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > limit) throw new IndexError("too-large", `${shown(ref.url)} sends more than ${limit} bytes`);
      hashes.update(chunk);
      await writeAll(file, chunk);
    }
    if (size < declared)
      throw new IndexError("index-unreachable", `${shown(ref.url)} sent ${size} of ${declared} bytes`);
    return artifact(ref, file, path, hashes, size);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await file.write(chunk, written)).bytesWritten;
  }
}

interface Hashes {
  update(chunk: Buffer): void;
  digests(): Artifact["digests"];
}

/** SHA-256 always, and what the index or the user promised by another algorithm. */
function startHashes({ digests, pins = [] }: ArtifactRef): Hashes {
  const named = [...Object.keys(digests), ...pins.map(({ algorithm }) => algorithm)] as HashAlgorithm[];
  const hashes = new Map<HashAlgorithm, Hash>(
    ["sha256" as const, ...named].map((algorithm) => [algorithm, createHash(algorithm)]),
  );
  return {
    update: (chunk) => {
      for (const hash of hashes.values()) hash.update(chunk);
    },
    digests: () =>
      Object.fromEntries(
        [...hashes].map(([algorithm, hash]) => [algorithm, hash.digest("hex")]),
      ) as Artifact["digests"],
  };
}

function artifact(ref: ArtifactRef, file: FileHandle, path: string, hashes: Hashes, size: number): Artifact {
  return {
    ref,
    path,
    size,
    digests: hashes.digests(),
    ...opened({ kind: "file", descriptor: file.fd, size }),
    close: () => file.close(),
  };
}

function opened(shared: SharedBytes): Pick<Artifact, "bytes" | "shared"> {
  return { bytes: openShared(shared), shared };
}
