import { ArtifactError } from "../errors.ts";

/** Fields of ZIP records as they stand in the file (APPNOTE.TXT 6.3.10; section numbers refer to it). */

export const signatures = {
  localFileHeader: 0x04034b50,
  dataDescriptor: 0x08074b50,
  zip64EndRecord: 0x06064b50,
  zip64EndLocator: 0x07064b50,
  endRecord: 0x06054b50,
} as const;

export const methods = { stored: 0, deflated: 8 } as const;

/** General purpose bits (4.4.4). */
export const flags = {
  encrypted: 1 << 0,
  dataDescriptor: 1 << 3,
  patched: 1 << 5,
  strongEncryption: 1 << 6,
  utf8: 1 << 11,
  masked: 1 << 13,
} as const;

export const extraFields = { zip64: 0x0001, unicodePath: 0x7075 } as const;

const max16 = 0xffff;
const max32 = 0xffffffff;

/** Where the central directory is, and how many entries it has. */
export interface EndOfDirectory {
  readonly offset: number;
  readonly size: number;
  readonly entries: number;
}

export const endRecordLength = 22;
const zip64LocatorLength = 20;
const zip64EndRecordLength = 56;

/** The longest that everything behind the central directory can be: records and a comment. */
export const longestEnd = zip64EndRecordLength + zip64LocatorLength + endRecordLength + max16;

/**
 * Reads the end of central directory record, and the ZIP64 one where there is one (4.3.14 to 4.3.16). The record must
 * end where the file ends, nothing in its comment may look like another one, and no byte may lie between the records.
 * @param tail the last bytes of the file, `longestEnd` of them or the whole file
 * @param tailOffset where `tail` begins in the file
 */
export function readEndOfDirectory(tail: Buffer, tailOffset: number): EndOfDirectory {
  const at = findEndRecord(tail);
  const disks = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)];
  const plain = {
    entries: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const entriesOnDisk = tail.readUInt16LE(at + 8);
  if (disks.some((disk) => disk !== 0 && disk !== max16) || entriesOnDisk !== plain.entries) {
    throw new ArtifactError("archive-unreadable", "The archive is one part of several");
  }
  const zip64 = readZip64End(tail, tailOffset, at);
  if (zip64 === undefined) {
    mustEndAt(plain, tailOffset + at);
    return plain;
  }
  const agrees =
    (plain.entries === max16 || plain.entries === zip64.entries) &&
    (plain.size === max32 || plain.size === zip64.size) &&
    (plain.offset === max32 || plain.offset === zip64.offset);
  if (!agrees) throw new ArtifactError("archive-ambiguous", "The two end records of the archive disagree");
  mustEndAt(zip64, zip64.recordOffset);
  return zip64;
}

function findEndRecord(tail: Buffer): number {
  const found: number[] = [];
  for (let at = tail.length - endRecordLength; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== signatures.endRecord) continue;
    if (at + endRecordLength + tail.readUInt16LE(at + 20) === tail.length) found.push(at);
  }
  const [at, ...others] = found;
  if (at === undefined)
    throw new ArtifactError("archive-unreadable", "The file is no ZIP archive, or bytes follow its end record");
  if (others.length > 0 || tail.subarray(at + endRecordLength).includes("PK\u0005\u0006")) {
    throw new ArtifactError("archive-ambiguous", "The archive has more than one place that could be its end record");
  }
  return at;
}

function readZip64End(tail: Buffer, tailOffset: number, endRecord: number) {
  const locator = endRecord - zip64LocatorLength;
  if (locator < 0 || tail.readUInt32LE(locator) !== signatures.zip64EndLocator) return undefined;
  const recordOffset = Number(tail.readBigUInt64LE(locator + 8));
  const at = recordOffset - tailOffset;
  // An extensible data sector (4.3.14.2) would make the record longer; nobody writes one into a wheel.
  if (at < 0 || at + zip64EndRecordLength !== locator || tail.readUInt32LE(at) !== signatures.zip64EndRecord) {
    throw new ArtifactError("archive-ambiguous", "The ZIP64 end record is not where its locator says");
  }
  const counts = [tail.readBigUInt64LE(at + 24), tail.readBigUInt64LE(at + 32)] as const;
  if (counts[0] !== counts[1] || tail.readBigUInt64LE(at + 4) !== 44n) {
    throw new ArtifactError("archive-ambiguous", "The ZIP64 end record contradicts itself");
  }
  const [entries, size, offset] = [counts[1], tail.readBigUInt64LE(at + 40), tail.readBigUInt64LE(at + 48)].map(Number);
  return { entries: entries ?? 0, size: size ?? 0, offset: offset ?? 0, recordOffset };
}

function mustEndAt({ offset, size }: EndOfDirectory, end: number): void {
  if (offset + size !== end) {
    throw new ArtifactError(
      "archive-ambiguous",
      "There are bytes between the central directory and its end record, or before the archive",
    );
  }
}

/** A member's own header (4.3.7), which repeats what the central directory says of it. */
export interface LocalHeader {
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly name: Buffer;
  /** Bytes from the header's start to the member's data. */
  readonly length: number;
}

export const fixedLocalHeaderLength = 30;

/** @param header the fixed part, with name and extra field behind it */
export function readLocalHeader(header: Buffer): LocalHeader {
  const nameLength = header.readUInt16LE(26);
  const extraLength = header.readUInt16LE(28);
  const name = header.subarray(fixedLocalHeaderLength, fixedLocalHeaderLength + nameLength);
  const extra = header.subarray(fixedLocalHeaderLength + nameLength, fixedLocalHeaderLength + nameLength + extraLength);
  const sizes = { compressedSize: header.readUInt32LE(18), size: header.readUInt32LE(22) };
  return {
    flags: header.readUInt16LE(6),
    method: header.readUInt16LE(8),
    crc32: header.readUInt32LE(14),
    ...sizes,
    ...zip64Sizes(extra, sizes),
    name,
    length: fixedLocalHeaderLength + nameLength + extraLength,
  };
}

/** 4.5.3: in a local header the ZIP64 field has both sizes, the uncompressed one first. */
function zip64Sizes(extra: Buffer, plain: { compressedSize: number; size: number }) {
  if (plain.size !== max32 && plain.compressedSize !== max32) return {};
  const field = extraFieldsOf(extra).find(({ id }) => id === extraFields.zip64)?.data;
  if (field === undefined || field.length < 16)
    throw new ArtifactError("archive-ambiguous", "A member's header lacks its ZIP64 sizes");
  return { size: Number(field.readBigUInt64LE(0)), compressedSize: Number(field.readBigUInt64LE(8)) };
}

function extraFieldsOf(extra: Buffer): { id: number; data: Buffer }[] {
  const fields: { id: number; data: Buffer }[] = [];
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2);
    fields.push({ id: extra.readUInt16LE(at), data: extra.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return fields;
}

export const longestDescriptor = 24;

/** Sizes and CRC behind a member's data (4.3.9): with or without a signature, with 4 or 8 bytes a size. */
export function isDataDescriptor(
  bytes: Buffer,
  { crc32, compressedSize, size }: Pick<LocalHeader, "crc32" | "compressedSize" | "size">,
): boolean {
  const isSigned = bytes.length === 16 || bytes.length === 24;
  if (isSigned && bytes.readUInt32LE(0) !== signatures.dataDescriptor) return false;
  const fields = isSigned ? bytes.subarray(4) : bytes;
  if (fields.length === 12) {
    return (
      fields.readUInt32LE(0) === crc32 && fields.readUInt32LE(4) === compressedSize && fields.readUInt32LE(8) === size
    );
  }
  if (fields.length !== 20) return false;
  return (
    fields.readUInt32LE(0) === crc32 &&
    fields.readBigUInt64LE(4) === BigInt(compressedSize) &&
    fields.readBigUInt64LE(12) === BigInt(size)
  );
}
