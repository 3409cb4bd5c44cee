import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statfsSync, statSync } from "node:fs";
import { copyFile, type FileHandle, open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import type { ByteSource } from "../distribution/byte-source.ts";
import { ArtifactError, EnvironmentError, messageOf } from "../errors.ts";
import { mayOthersWrite } from "../memory/private-folder.ts";
import { takingTurns } from "../turns.ts";
import { heldInMemory, heldOpen } from "./held-open.ts";
import { readSmall, withoutWaiting } from "./read-small.ts";
import { digestsOf, startDigests } from "./running-digests.ts";

/** Files up to this are read at once: to wait for a thread takes longer than to read so little. */
const readAtOnce = 1 << 20;

/** Whose files are read where they lie, and which. */
export interface InPlace {
  readonly userId: number;
  readonly now: () => Date;
  /** Asked when it is hashed. No for one of which something is to be kept: what a later run relies on is read from a private copy. */
  readonly suffices: (sha256: string) => boolean;
}

/**
 * Takes a file of this machine. What is judged must not change under us: a small one is taken into memory, which is as private
 * as a copy and quicker; a large one that only the user may write to is read where it lies; else there is a private copy, by
 * reference where the file system can.
 * @param copyPath where a copy goes; its folder must be private
 * @param inPlace where it is left out, nothing large is read where it lies
 * @throws ArtifactError `artifact-unreadable`
 */
export async function takeLocalFile(
  ref: ArtifactRef,
  copyPath: () => Promise<string>,
  inPlace?: InPlace,
): Promise<Artifact> {
  try {
    const from = fileURLToPath(ref.url);
    const { bytes } = readSmall(from, readAtOnce);
    if (bytes !== undefined) return heldInMemory(ref, bytes, from, digestsOf(bytes, ref));
    return await taking(async () => {
      const opened = inPlace && (await openInPlace(ref, from, inPlace));
      return opened ?? copy(ref, from, await copyPath());
    });
  } catch (error) {
    const message = `Cannot read "${ref.url.pathname}": ${messageOf(error)}`;
    throw new ArtifactError("artifact-unreadable", message, { cause: error });
  }
}

/** One is read or copied while another is hashed. More at once would all be here late, and threads wait for the first. */
const taking = takingTurns(2);

async function copy(ref: ArtifactRef, from: string, to: string): Promise<Artifact> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  return openPrivate(ref, to);
}

/** The user may still write to it, by mistake: that shows in its size and times (docs/decisions/0005-installing.md). */
async function openInPlace(ref: ArtifactRef, path: string, inPlace: InPlace): Promise<Artifact | undefined> {
  const file = await open(path, withoutWaiting);
  const found = reliableState(file, inPlace);
  if (found === undefined) {
    await file.close();
    return undefined;
  }
  const artifact = await hashInPieces(ref, file, path);
  if (!inPlace.suffices(artifact.digests.sha256)) {
    await artifact.close();
    return undefined;
  }
  const isUnchanged = () => isSameState(file, found);
  const checkUnchanged = () => {
    if (isUnchanged()) return;
    const message = `"${path}" was changed while it was read`;
    throw new EnvironmentError("artifact-changed", message, {
      hint: "Run the command again when nothing writes to it",
    });
  };
  const bytes: ByteSource = {
    size: artifact.size,
    read(position, length) {
      try {
        return artifact.bytes.read(position, length);
      } finally {
        // Whatever was read, or why it could not be: it says nothing of what was hashed.
        checkUnchanged();
      }
    },
  };
  return { ...artifact, bytes, isUnchanged };
}

/** The state of a file that nobody but the user, and who may do anything, may write to, and whose times tell of that; else nothing. */
function reliableState(file: FileHandle, { userId, now }: InPlace): Stats | undefined {
  try {
    const state = fstatSync(file.fd);
    const isOwn = state.isFile() && !mayOthersWrite(state, userId);
    const isReliable = isOwn && now().getTime() - state.ctimeMs > settledMs && isLocal(file);
    return isReliable ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Times go in steps, of two seconds at most: what was written to just now may be so again, and look the same. */
const settledMs = 3000;

/** What a share or a stick says of owners, modes and times need not be so. */
const fileSystems: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs, as in containers
]);

/** Linux alone says what a file lies on (statfs(2)). Elsewhere this throws. */
function isLocal({ fd }: FileHandle): boolean {
  return fileSystems.has(statfsSync(`/proc/self/fd/${fd}`).type);
}

function isSameState({ fd }: FileHandle, before: Stats): boolean {
  try {
    const now = fstatSync(fd);
    return now.size === before.size && now.mtimeMs === before.mtimeMs && now.ctimeMs === before.ctimeMs;
  } catch {
    return false;
  }
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
