import { crc32 } from "node:zlib";
import { ArtifactError } from "../errors.ts";
import { longestEnd, readEndOfDirectory } from "./end-of-directory.ts";
import { flags, max16, max32, signatures } from "./zip-format.ts";

/** A member's record in the central directory (APPNOTE 4.3.12), and where its own data lies. */
interface Record {
  readonly path: string;
  readonly start: number;
  readonly bytes: Buffer;
}

const fixedRecordLength = 46;

/**
 * The archive with `content` as its last member `path`, in place of one that is there already. All other members stay
 * to the byte: nothing is compressed anew, no time is changed.
 * @param archive one that `openArchive` has opened: it has one reading
 * @param like a member whose time and mode the new one gets
 * @throws ArtifactError `archive-too-large` for archives that need ZIP64
 */
export function withLastMember(archive: Buffer, path: string, content: Buffer, like: string): Buffer {
  const tailOffset = Math.max(0, archive.length - longestEnd);
  const end = readEndOfDirectory(archive.subarray(tailOffset), tailOffset);
  if (end.entries >= max16 - 1 || archive.length + content.length + 1024 >= max32)
    throw new ArtifactError("archive-too-large", "The archive is too large to get one member more");
  const records = readRecords(archive.subarray(end.offset, end.offset + end.size));
  const replaced = records.find((record) => record.path === path);
  const cut = replaced === undefined ? { from: end.offset, to: end.offset } : rangeOf(replaced, records, end.offset);
  const data = [archive.subarray(0, cut.from), archive.subarray(cut.to, end.offset)];
  const kept = records.filter((record) => record !== replaced);
  const model = kept.find((record) => record.path === like)?.bytes ?? Buffer.alloc(fixedRecordLength);

  const start = end.offset - (cut.to - cut.from);
  const made = newMember(path, content, start, model);
  const directory = Buffer.concat([
    ...kept.map((record) => (record.start < cut.to ? record.bytes : movedBy(cut.to - cut.from, record))),
    made.record,
  ]);
  const offset = start + made.data.length;
  return Buffer.concat([...data, made.data, directory, endRecord(kept.length + 1, directory.length, offset)]);
}

function readRecords(directory: Buffer): Record[] {
  const records: Record[] = [];
  for (let at = 0; at < directory.length; ) {
    const [name, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const end = at + fixedRecordLength + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
    const path = directory.toString("utf8", at + fixedRecordLength, at + fixedRecordLength + (name ?? 0));
    records.push({ path, start: directory.readUInt32LE(at + 42), bytes: directory.subarray(at, end) });
    at = end;
  }
  return records;
}

/** From a member's own header to the next one's. */
function rangeOf({ start }: Record, records: readonly Record[], dataEnd: number): { from: number; to: number } {
  const later = records.map((record) => record.start).filter((other) => other > start);
  return { from: start, to: Math.min(dataEnd, ...later) };
}

function movedBy(distance: number, { start, bytes }: Record): Buffer {
  const moved = Buffer.from(bytes);
  moved.writeUInt32LE(start - distance, 42);
  return moved;
}

/** Stored, as a signature gains nothing from compression. */
function newMember(path: string, content: Buffer, start: number, model: Buffer): { data: Buffer; record: Buffer } {
  const name = Buffer.from(path);
  // From "version needed" to the length of the extra field, the two headers have the same fields (4.3.7, 4.3.12).
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(flags.utf8, 2);
  model.copy(common, 6, 12, 16);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(content.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(signatures.localFileHeader);

  const fixed = Buffer.alloc(fixedRecordLength);
  fixed.writeUInt32LE(signatures.centralFileHeader);
  model.copy(fixed, 4, 4, 6);
  common.copy(fixed, 6);
  model.copy(fixed, 38, 38, 42);
  fixed.writeUInt32LE(start, 42);
  return { data: Buffer.concat([head, common, name, content]), record: Buffer.concat([fixed, name]) };
}

function endRecord(entries: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(22);
  record.write("PK\u0005\u0006", "latin1");
  record.writeUInt16LE(entries, 8);
  record.writeUInt16LE(entries, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}
