import { ArtifactError } from "../errors.ts";
import { max16, max32, signatures } from "./zip-format.ts";

/** Where the central directory is, and how many entries it has. */
export interface EndOfDirectory {
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly entries: number;
}

const endRecordLength = 22;
const zip64LocatorLength = 20;
const zip64EndRecordLength = 56;

/** The longest that everything behind the central directory can be: records and a comment. */
export const longestEnd = zip64EndRecordLength + zip64LocatorLength + endRecordLength + max16;

/**
 * Reads the end of central directory record, and the ZIP64 one where there is one (APPNOTE 4.3.14 to 4.3.16). The
 * record must end where the file ends, nothing in its comment may look like another one, and no byte may lie between
 * the records.
 * @param tail the last bytes of the file, `longestEnd` of them or the whole file
 * @param tailOffset where `tail` begins in the file
 * @throws ArtifactError `archive-unreadable`, `archive-ambiguous`
 */
export function readEndOfDirectory(tail: Buffer, tailOffset: number): EndOfDirectory {
  const at = findEndRecord(tail);
  const plain = {
    entries: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const zip64 = readZip64End(tail, tailOffset, at);
  const disks = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)];
  const isOneDisk = disks.every((disk) => disk === 0 || (zip64 !== undefined && disk === max16));
  if (!isOneDisk || tail.readUInt16LE(at + 8) !== plain.entries) {
    throw new ArtifactError("archive-unreadable", "The archive is one part of several");
  }
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

/** Readers look for the record from the end, from the start, or by its comment's length: all must find the same. */
function findEndRecord(tail: Buffer): number {
  const found: number[] = [];
  const ending: number[] = [];
  for (
    let at = tail.lastIndexOf("PK\u0005\u0006");
    at !== -1;
    at = at === 0 ? -1 : tail.lastIndexOf("PK\u0005\u0006", at - 1)
  ) {
    found.push(at);
    const isWhole = at + endRecordLength <= tail.length;
    if (isWhole && at + endRecordLength + tail.readUInt16LE(at + 20) === tail.length) ending.push(at);
  }
  const [at, ...others] = ending;
  if (at === undefined)
    throw new ArtifactError("archive-unreadable", "The file is no ZIP archive, or bytes follow its end record");
  if (others.length > 0 || found[0] !== at) {
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
  // Locator: disk of the record, disks in all (writers put 0 or 1). Record: this disk, disk of the directory.
  const disks = [tail.readUInt32LE(locator + 4), tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 20)];
  if (disks.some((disk) => disk !== 0) || tail.readUInt32LE(locator + 16) > 1) {
    throw new ArtifactError("archive-unreadable", "The archive is one part of several");
  }
  const counts = [tail.readBigUInt64LE(at + 24), tail.readBigUInt64LE(at + 32)] as const;
  if (counts[0] !== counts[1] || tail.readBigUInt64LE(at + 4) !== 44n) {
    throw new ArtifactError("archive-ambiguous", "The ZIP64 end record contradicts itself");
  }
  return {
    entries: Number(counts[1]),
    size: Number(tail.readBigUInt64LE(at + 40)),
    offset: Number(tail.readBigUInt64LE(at + 48)),
    recordOffset,
  };
}

function mustEndAt({ offset, size }: EndOfDirectory, end: number): void {
  if (offset + size !== end) {
    throw new ArtifactError(
      "archive-ambiguous",
      "There are bytes between the central directory and its end record, or before the archive",
    );
  }
}
