import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from "yauzl";
import type { ByteSource } from "../distribution/byte-source.ts";
import { ArtifactError, messageOf } from "../errors.ts";
import { type EndOfDirectory, longestEnd, readEndOfDirectory } from "./end-of-directory.ts";
import { hasOverride, isZip64Consistent } from "./zip-format.ts";

/** The central directory of an archive (APPNOTE 4.3.12). */
export interface CentralDirectory {
  /** In the order in which they are listed. */
  readonly entries: readonly Entry[];
  /** Where it begins in the file. */
  readonly offset: number;
}

/** What no real wheel comes near. */
const limits = { entries: 200_000, bytes: 64 << 20 };

/**
 * Reads the central directory by yauzl, from memory, and checks what yauzl does not: that its entries fill it, and that
 * what they say in two places they say once.
 * @throws ArtifactError `archive-unreadable`, `archive-ambiguous`, `archive-too-large`
 */
export async function readCentralDirectory(source: ByteSource): Promise<CentralDirectory> {
  const tailOffset = Math.max(0, source.size - longestEnd);
  const end = readEndOfDirectory(source.read(tailOffset, source.size - tailOffset), tailOffset);
  if (end.size > limits.bytes || end.entries > limits.entries) {
    throw new ArtifactError("archive-too-large", `The archive lists ${end.entries} members, too many for a wheel`);
  }
  const start = Math.min(end.offset, tailOffset);
  const bytes = source.read(start, source.size - start);
  const entries = await listEntries(bytes, start, source.size);
  checkRecords(entries, bytes.subarray(end.offset - start, end.offset - start + end.size), end);
  return { entries, offset: end.offset };
}

async function listEntries(bytes: Buffer, offset: number, archiveSize: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    const reader = new MemoryReader(bytes, offset);
    // Names are decoded by us: yauzl would take them from an extra field that other readers do not know.
    const zip = await fromRandomAccessReaderPromise(reader, archiveSize, { lazyEntries: true, decodeStrings: false });
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    if (error instanceof ArtifactError) throw error;
    throw new ArtifactError("archive-unreadable", `The archive cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return entries;
}

/** Serves yauzl the end of the file, where the directory is. */
class MemoryReader extends RandomAccessReader {
  readonly #bytes: Buffer;
  readonly #offset: number;

  constructor(bytes: Buffer, offset: number) {
    super();
    this.#bytes = bytes;
    this.#offset = offset;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const start = position - this.#offset;
    const inside = start >= 0 && start + length <= this.#bytes.length;
    if (inside) this.#bytes.copy(buffer, offset, start, start + length);
    callback(inside ? null : new ArtifactError("archive-ambiguous", "The directory points outside itself"), length);
  }
}

const fixedRecordLength = 46;

/** Some readers go by the number of entries, others by the directory's size: both must end at the same byte. */
function checkRecords(entries: readonly Entry[], directory: Buffer, end: EndOfDirectory): void {
  let at = 0;
  for (const entry of entries) {
    const next = at + fixedRecordLength + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    if (next > directory.length) break;
    checkRecord(entry, directory.subarray(at, next));
    at = next;
  }
  if (at !== end.size || entries.length !== end.entries)
    throw new ArtifactError("archive-ambiguous", "The central directory has more in it than the entries it counts");
}

/** The plain fields of a record against what yauzl made of them and of the ZIP64 field. */
function checkRecord(entry: Entry, record: Buffer): void {
  const isConsistent = isZip64Consistent(entry.extraFields, [
    { plain: record.readUInt32LE(24), value: entry.uncompressedSize },
    { plain: record.readUInt32LE(20), value: entry.compressedSize },
    { plain: record.readUInt32LE(42), value: entry.relativeOffsetOfLocalHeader },
  ]);
  if (!isConsistent) throw ambiguous(entry, "contradicts its ZIP64 field");
  if (record.readUInt16LE(34) !== 0) throw ambiguous(entry, "lies in another part of a split archive");
  if (hasOverride(entry.extraFields)) throw ambiguous(entry, "has a second name in an extra field");
}

function ambiguous({ fileNameRaw }: Entry, what: string): ArtifactError {
  return new ArtifactError("archive-ambiguous", `Member "${fileNameRaw.toString()}" ${what}`);
}
