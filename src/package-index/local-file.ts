import { closeSync, constants, openSync, readFileSync, statSync } from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { ArtifactError, messageOf } from "../errors.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { takingTurns } from "../turns.ts";
import { heldOpen } from "./held-open.ts";
import { readSmall } from "./read-small.ts";
import { digestsOf, startDigests } from "./running-digests.ts";

/** Files up to this are read at once: to wait for a thread takes longer than to read so little. */
const readAtOnce = 1 << 20;

/**
 * Takes a file of this machine: a small one into memory, which is as private as a copy and quicker, else as a private
 * copy, by reference where the file system can. What is judged must not change under us.
 * @param copyPath where a copy goes; its folder must be private
 * @throws ArtifactError `artifact-unreadable`
 */
export async function takeLocalFile(ref: ArtifactRef, copyPath: () => Promise<string>): Promise<Artifact> {
  try {
    const from = fileURLToPath(ref.url);
    const { bytes } = readSmall(from, readAtOnce);
    return bytes === undefined ? await copy(ref, from, await copyPath()) : inMemory(ref, from, bytes);
  } catch (error) {
    const message = `Cannot read "${ref.url.pathname}": ${messageOf(error)}`;
    throw new ArtifactError("artifact-unreadable", message, { cause: error });
  }
}

function inMemory(ref: ArtifactRef, path: string, bytes: Buffer): Artifact {
  const shared = { kind: "memory", bytes } as const;
  return {
    ref,
    path,
    size: bytes.length,
    digests: digestsOf(bytes, ref),
    bytes: openShared(shared),
    shared,
    close: async () => {},
  };
}

/** One is copied while another is hashed. More at once would all be here late, and threads wait for the first. */
const copying = takingTurns(2);

function copy(ref: ArtifactRef, from: string, to: string): Promise<Artifact> {
  return copying(async () => {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return openPrivate(ref, to);
  });
}

const pieceLength = 1 << 20;

/** Opens a private file and hashes it. */
export async function openPrivate(ref: ArtifactRef, path: string): Promise<Artifact> {
  return statSync(path).size <= readAtOnce ? openAtOnce(ref, path) : openInPieces(ref, path);
}

function openAtOnce(ref: ArtifactRef, path: string): Artifact {
  const fd = openSync(path, "r");
  try {
    const bytes = readFileSync(fd);
    return heldOpen(ref, { fd, close: closing(fd) }, path, digestsOf(bytes, ref), bytes.length);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Closing it twice would close what has its number by then. */
function closing(fd: number): () => Promise<void> {
  let isOpen = true;
  return async () => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
}

async function openInPieces(ref: ArtifactRef, path: string): Promise<Artifact> {
  const file = await open(path, "r");
  try {
    const digests = startDigests(ref);
    let size = 0;
    // One buffer for all of it: a new one for each piece would stay until garbage is collected.
    const buffer = Buffer.allocUnsafe(pieceLength);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, pieceLength, size);
      if (bytesRead === 0) break;
      digests.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    return heldOpen(ref, file, path, digests.finish(), size);
  } catch (error) {
    await file.close();
    throw error;
  }
}
