import { crc32 } from "node:zlib";
import type { ByteSource } from "../distribution/byte-source.ts";
import { release } from "../wheel/inflate.ts";
import { flags, max16, max32, methods, signatures } from "../wheel/zip-format.ts";

/** A member to write. */
export interface NewMember {
  readonly name: string;
  readonly bytes: ByteSource;
  /** Whether what is read is a copy of its own, as it is of a file, whose memory can be given back at once. */
  readonly isCopied?: boolean;
}

/** Pieces in which members are read, so that memory does not grow with them. */
const chunkLength = 1 << 20;

/** 1980-01-01, the first day that ZIP knows (APPNOTE 4.4.6): nothing says when. */
const firstDay = 0x21;

/** A regular file that everybody may read, and its owner change. */
const plainFile = 0o100644 * 2 ** 16;

const versions = { plain: 20, zip64: 45 } as const;
const madeOnUnix = 3 << 8;

/**
 * A ZIP archive (APPNOTE 6.3.10) of stored members, in pieces: wheels are compressed already, and what is not inflated
 * cannot be a bomb. The same members give the same bytes. ZIP64 is used where a number has no room otherwise.
 */
export function* storedArchive(members: readonly NewMember[]): Generator<Buffer> {
  let offset = 0;
  const records: Buffer[] = [];
  for (const added of members) {
    const { size } = added.bytes;
    const member = { name: Buffer.from(added.name), size, crc: checksumOf(added), offset };
    const header = localHeader(member);
    yield header;
    yield* chunksOf(added);
    records.push(directoryRecord(member));
    offset += header.length + size;
  }
  const directory = Buffer.concat(records);
  yield directory;
  yield* endRecords({ entries: members.length, size: directory.length, offset });
}

interface Member {
  readonly name: Buffer;
  readonly size: number;
  readonly crc: number;
  /** Where its own header begins. */
  readonly offset: number;
}

function* chunksOf({ bytes, isCopied = false }: NewMember): Generator<Buffer> {
  for (let at = 0; at < bytes.size; at += chunkLength) {
    const chunk = bytes.read(at, Math.min(chunkLength, bytes.size - at));
    yield chunk;
    if (isCopied) release(chunk);
  }
}

function checksumOf(member: NewMember): number {
  let checksum = 0;
  for (const chunk of chunksOf(member)) checksum = crc32(chunk, checksum);
  return checksum;
}

/** 4.3.7; with 4.5.3, a local header has both sizes in its ZIP64 field. */
function localHeader({ name, size, crc }: Member): Buffer {
  const extra = size >= max32 ? zip64Field([size, size]) : Buffer.alloc(0);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(signatures.localFileHeader);
  return Buffer.concat([head, commonFields(size, crc, name, extra, size >= max32), name, extra]);
}

/** 4.3.12. */
function directoryRecord({ name, size, crc, offset }: Member): Buffer {
  const wide = [...(size >= max32 ? [size, size] : []), ...(offset >= max32 ? [offset] : [])];
  const extra = wide.length > 0 ? zip64Field(wide) : Buffer.alloc(0);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(0x02014b50);
  head.writeUInt16LE(madeOnUnix | versionFor(wide.length > 0), 4);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(plainFile, 6);
  tail.writeUInt32LE(Math.min(offset, max32), 10);
  return Buffer.concat([head, commonFields(size, crc, name, extra, wide.length > 0), tail, name, extra]);
}

/** From "version needed" to the length of the extra field, both headers have the same fields. */
function commonFields(size: number, crc: number, name: Buffer, extra: Buffer, isWide: boolean): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(versionFor(isWide), 0);
  fields.writeUInt16LE(flags.utf8, 2);
  fields.writeUInt16LE(methods.stored, 4);
  fields.writeUInt16LE(firstDay, 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(Math.min(size, max32), 14);
  fields.writeUInt32LE(Math.min(size, max32), 18);
  fields.writeUInt16LE(name.length, 22);
  fields.writeUInt16LE(extra.length, 24);
  return fields;
}

function versionFor(isWide: boolean): number {
  return isWide ? versions.zip64 : versions.plain;
}

/** 4.5.3. */
function zip64Field(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [at, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * at);
  return field;
}

interface End {
  readonly entries: number;
  readonly size: number;
  readonly offset: number;
}

/** 4.3.14 to 4.3.16. */
function* endRecords(end: End): Generator<Buffer> {
  const { entries, size, offset } = end;
  if (entries >= max16 || size >= max32 || offset >= max32) yield zip64End(end);
  const record = Buffer.alloc(22);
  record.write("PK\u0005\u0006", "latin1");
  record.writeUInt16LE(Math.min(entries, max16), 8);
  record.writeUInt16LE(Math.min(entries, max16), 10);
  record.writeUInt32LE(Math.min(size, max32), 12);
  record.writeUInt32LE(Math.min(offset, max32), 16);
  yield record;
}

/** The ZIP64 end record, and the locator that says where it is. */
function zip64End({ entries, size, offset }: End): Buffer {
  const bytes = Buffer.alloc(56 + 20);
  bytes.writeUInt32LE(signatures.zip64EndRecord, 0);
  bytes.writeBigUInt64LE(44n, 4);
  bytes.writeUInt16LE(madeOnUnix | versions.zip64, 12);
  bytes.writeUInt16LE(versions.zip64, 14);
  bytes.writeBigUInt64LE(BigInt(entries), 24);
  bytes.writeBigUInt64LE(BigInt(entries), 32);
  bytes.writeBigUInt64LE(BigInt(size), 40);
  bytes.writeBigUInt64LE(BigInt(offset), 48);
  bytes.writeUInt32LE(signatures.zip64EndLocator, 56);
  bytes.writeBigUInt64LE(BigInt(offset + size), 64);
  bytes.writeUInt32LE(1, 72);
  return bytes;
}
