import type { ByteSource } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";
import { longestEnd, readEndOfDirectory } from "./end-of-directory.ts";
import {
  type ExtraField,
  hasOverride,
  isZip64Consistent,
  max32,
  parseExtraFields,
  signatures,
  zip64Data,
} from "./zip-format.ts";

/** The central directory of an archive (APPNOTE 4.3.12). */
export interface CentralDirectory {
  /** In the order in which they are listed. */
  readonly entries: readonly DirectoryEntry[];
  /** Where it begins in the file. */
  readonly offset: number;
}

/** What the directory says of one member. */
export interface DirectoryEntry {
  /** As it stands there: `memberPath` decodes it. */
  readonly name: Buffer;
  readonly versionNeeded: number;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  /** Inflated bytes. */
  readonly size: number;
  readonly externalAttributes: number;
  /** Where the member's own header begins in the file. */
  readonly start: number;
}

/** What no real wheel comes near. */
const limits = { entries: 200_000, bytes: 64 << 20 };

/**
 * Reads the central directory: its entries fill it, and what they say in two places they say once.
 * @throws ArtifactError `archive-unreadable`, `archive-ambiguous`, `archive-too-large`
 */
export function readCentralDirectory(source: ByteSource): CentralDirectory {
  const tailOffset = Math.max(0, source.size - longestEnd);
  const tail = source.read(tailOffset, source.size - tailOffset);
  const { offset, size, entries } = readEndOfDirectory(tail, tailOffset);
  if (size > limits.bytes || entries > limits.entries) {
    throw new ArtifactError("archive-too-large", `The archive lists ${entries} members, too many for a wheel`);
  }
  const isInTail = offset >= tailOffset;
  const directory = isInTail
    ? tail.subarray(offset - tailOffset, offset - tailOffset + size)
    : source.read(offset, size);
  return { entries: readEntries(directory, entries), offset };
}

/** Some readers go by the number of entries, others by the directory's size: both must end at the same byte. */
function readEntries(directory: Buffer, count: number): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  let at = 0;
  while (entries.length < count) {
    const end = endOfRecord(directory, at);
    if (end > directory.length) break;
    entries.push(readEntry(directory, at));
    at = end;
  }
  if (entries.length < count || at < directory.length)
    throw new ArtifactError("archive-ambiguous", "The central directory does not end where the entries it counts do");
  return entries;
}

/** Bytes of a record in front of name, extra fields and comment. */
const fixedRecordLength = 46;

/** Beyond the directory's end for a record that is not all there. */
function endOfRecord(directory: Buffer, at: number): number {
  const fixedEnd = at + fixedRecordLength;
  if (fixedEnd > directory.length) return fixedEnd;
  if (directory.readUInt32LE(at) !== signatures.centralFileHeader)
    throw unreadable("has something else among its entries");
  return fixedEnd + directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
}

function readEntry(directory: Buffer, at: number): DirectoryEntry {
  const nameAt = at + fixedRecordLength;
  const extraAt = nameAt + directory.readUInt16LE(at + 28);
  const name = directory.subarray(nameAt, extraAt);
  const extra = parseExtraFields(directory, extraAt, extraAt + directory.readUInt16LE(at + 30));
  if (extra === undefined) throw unreadable("has an extra field that is longer than its entry");
  if (hasOverride(extra)) throw ambiguous(name, "has a second name in an extra field");
  if (directory.readUInt16LE(at + 34) !== 0) throw ambiguous(name, "lies in another part of a split archive");
  const plain = {
    size: directory.readUInt32LE(at + 24),
    compressedSize: directory.readUInt32LE(at + 20),
    start: directory.readUInt32LE(at + 42),
  };
  return {
    name,
    versionNeeded: directory.readUInt16LE(at + 6),
    flags: directory.readUInt16LE(at + 8),
    method: directory.readUInt16LE(at + 10),
    crc32: directory.readUInt32LE(at + 16),
    externalAttributes: directory.readUInt32LE(at + 38),
    ...wideExtent(plain, extra, name),
  };
}

type Extent = Pick<DirectoryEntry, "size" | "compressedSize" | "start">;

/** What the 32-bit fields have no room for is in the ZIP64 field, in their order (4.5.3). */
function wideExtent(plain: Extent, extra: readonly ExtraField[], name: Buffer): Extent {
  const wide = zip64Data(extra);
  let at = 0;
  const valueIn = (field: number): number => {
    if (field !== max32 || wide.length === 0) return field;
    if (at + 8 > wide.length) throw unreadable("has a ZIP64 field that ends early");
    const value = Number(wide.readBigUInt64LE(at));
    if (!Number.isSafeInteger(value)) throw contradictory(name);
    at += 8;
    return value;
  };
  const size = valueIn(plain.size);
  const compressedSize = valueIn(plain.compressedSize);
  const start = valueIn(plain.start);
  const isConsistent = isZip64Consistent(extra, [
    { plain: plain.size, value: size },
    { plain: plain.compressedSize, value: compressedSize },
    { plain: plain.start, value: start },
  ]);
  if (!isConsistent) throw contradictory(name);
  return { size, compressedSize, start };
}

function contradictory(name: Buffer): ArtifactError {
  return ambiguous(name, "contradicts its ZIP64 field");
}

function ambiguous(name: Buffer, what: string): ArtifactError {
  return new ArtifactError("archive-ambiguous", `Member "${name.toString()}" ${what}`);
}

function unreadable(what: string): ArtifactError {
  return new ArtifactError("archive-unreadable", `The central directory ${what}`);
}
