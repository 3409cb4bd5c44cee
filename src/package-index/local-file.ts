import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from "node:fs";
import { copyFile, type FileHandle, open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { ArtifactError, messageOf } from "../errors.ts";
import { takingTurns } from "../turns.ts";
import { heldInMemory, heldOpen } from "./held-open.ts";
import { readSmall, withoutWaiting } from "./read-small.ts";
import { digestsOf, startDigests } from "./running-digests.ts";

/** Files up to this are read at once: to wait for a thread takes longer than to read so little. */
const readAtOnce = 1 << 20;

/**
 * Takes a file of this machine. What is judged must not change under us: a small one is taken into memory, which is as private
 * as a copy and quicker; a large one that only the user may write to is read where it lies; else there is a private copy, by
 * reference where the file system can.
 * @param copyPath where a copy goes; its folder must be private
 * @param owner the user's number; where it is left out, nothing large is read where it lies
 * @throws ArtifactError `artifact-unreadable`
 */
export async function takeLocalFile(
  ref: ArtifactRef,
  copyPath: () => Promise<string>,
  owner?: number,
): Promise<Artifact> {
  try {
    const from = fileURLToPath(ref.url);
    const { bytes } = readSmall(from, readAtOnce);
    if (bytes !== undefined) return heldInMemory(ref, bytes, from, digestsOf(bytes, ref));
    return await taking(async () => (await openInPlace(ref, from, owner)) ?? copy(ref, from, await copyPath()));
  } catch (error) {
    const message = `Cannot read "${ref.url.pathname}": ${messageOf(error)}`;
    throw new ArtifactError("artifact-unreadable", message, { cause: error });
  }
}

/** One is copied while another is hashed. More at once would all be here late, and threads wait for the first. */
const taking = takingTurns(2);

async function copy(ref: ArtifactRef, from: string, to: string): Promise<Artifact> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  return openPrivate(ref, to);
}

/**
 * A copy of all large files would take a tenth of an install. The user may still write to it, by mistake: that is noticed by its size
 * and times.
 */
async function openInPlace(ref: ArtifactRef, path: string, owner: number | undefined): Promise<Artifact | undefined> {
  const file = await open(path, withoutWaiting);
  const found = fstatSync(file.fd);
  if (!found.isFile() || !isOwn(found, owner)) {
    await file.close();
    return undefined;
  }
  const artifact = await hashInPieces(ref, file, path);
  const isUnchanged = () => isSameState(fstatSync(file.fd), found);
  const read = (position: number, length: number) => {
    const bytes = artifact.bytes.read(position, length);
    if (isUnchanged()) return bytes;
    throw new ArtifactError("artifact-unreadable", `"${path}" was written to while it was read`);
  };
  return { ...artifact, bytes: { size: artifact.size, read }, isUnchanged };
}

/** Whether nobody but the user, and who may do anything, may write to it. */
function isOwn({ mode, uid }: Stats, owner: number | undefined): boolean {
  return owner !== undefined && (uid === owner || uid === 0) && (mode & 0o022) === 0;
}

/** Whoever writes cannot set back the time of change. */
function isSameState(now: Stats, before: Stats): boolean {
  return now.size === before.size && now.mtimeMs === before.mtimeMs && now.ctimeMs === before.ctimeMs;
}

const pieceLength = 1 << 20;

/** Opens a private file and hashes it. */
export async function openPrivate(ref: ArtifactRef, path: string): Promise<Artifact> {
  return statSync(path).size <= readAtOnce ? openAtOnce(ref, path) : hashInPieces(ref, await open(path, "r"), path);
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

async function hashInPieces(ref: ArtifactRef, file: FileHandle, path: string): Promise<Artifact> {
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
