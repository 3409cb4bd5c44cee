import { crc32 } from "node:zlib";
import type { ByteSource } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";
import type { ArchiveEntry } from "./archive.ts";
import { inflateAsStream, inflateOnce } from "./documented-inflater.ts";
import { type Inflater, openInflater } from "./inflater.ts";

/**
 * A member's bytes, of which size and CRC hold.
 * @throws ArtifactError `archive-unreadable`
 */
export function inflate(entry: ArchiveEntry, source: ByteSource): Buffer {
  const data = source.read(entry.dataOffset, entry.compressedSize);
  const bytes = entry.isDeflated ? inflateWhole(data, entry) : data;
  if (bytes !== data) release(data);
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc32) throw damaged(entry);
  return bytes;
}

/** Smaller ones share their memory with others. */
const releasedFrom = 64 << 10;

/**
 * Gives the memory of a buffer back at once, where it has some of its own: large buffers would else pile up until garbage
 * is collected, far more than all of them that are in use. Nobody may use the buffer any more.
 */
export function release({ buffer, byteOffset, length }: Buffer): void {
  // A view of a source's own bytes begins behind a member's header.
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && length >= releasedFrom) buffer.transfer(0);
}

/** For members that are inflated whole: nothing comes between the beginning and the end of one. Opened for the first. */
let inflater: Inflater | "none" | undefined;

/** The declared size bounds what is inflated, and all of the data must be used. */
function inflateWhole(data: Buffer, entry: ArchiveEntry): Buffer {
  inflater ??= openInflater() ?? "none";
  const bytes = inflater === "none" ? inflateOnce(data, entry.size) : inflater.whole(data, entry.size);
  if (bytes === undefined) throw damaged(entry);
  return bytes;
}

/** Pieces in which large members are read. */
const chunkLength = 1 << 20;

/**
 * As `inflate`, piece by piece; memory does not depend on the member. Each piece is there until the next is asked for.
 * @throws ArtifactError `archive-unreadable`, at the end when only size or CRC is wrong
 */
export async function* inflateInChunks(entry: ArchiveEntry, source: ByteSource): AsyncGenerator<Buffer> {
  let size = 0;
  let checksum = 0;
  for await (const chunk of entry.isDeflated ? inflatedChunks(entry, source) : storedChunks(entry, source)) {
    size += chunk.length;
    if (size > entry.size) throw damaged(entry);
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (size !== entry.size || checksum !== entry.crc32) throw damaged(entry);
}

function* storedChunks({ dataOffset, compressedSize }: ArchiveEntry, source: ByteSource): Generator<Buffer> {
  for (let done = 0; done < compressedSize; done += chunkLength) {
    yield source.read(dataOffset + done, Math.min(chunkLength, compressedSize - done));
  }
}

async function* inflatedChunks(entry: ArchiveEntry, source: ByteSource): AsyncGenerator<Buffer> {
  const deflated = storedChunks(entry, source);
  try {
    // One of its own: others may be inflated between two pieces.
    yield* openInflater()?.pieces(deflated) ?? inflateAsStream(deflated, entry.compressedSize);
  } catch (error) {
    throw error instanceof ArtifactError ? error : damaged(entry, error);
  }
}

function damaged({ path }: ArchiveEntry, cause?: unknown): ArtifactError {
  return new ArtifactError(
    "archive-unreadable",
    `Member "${path}" is damaged: its data do not inflate to what is declared`,
    { cause },
  );
}
