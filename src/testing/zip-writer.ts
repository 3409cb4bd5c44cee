import { crc32, deflateRawSync } from "node:zlib";

/**
 * One member of an archive, with every field of its two headers open to be bent: what is set in `local` or `central`
 * stands in that header only.
 */
export interface ZipMember {
  readonly path: string | Buffer;
  readonly content: Uint8Array;
  readonly stored?: boolean;
  /** What stands in the archive in place of the (deflated) content. */
  readonly data?: Buffer;
  /** Sizes and CRC behind the data: with the signature, without it, or with 8-byte sizes. */
  readonly descriptor?: "signed" | "unsigned" | "zip64";
  /** What the descriptor says in place of the truth. */
  readonly described?: Partial<Pick<ZipHeader, "crc" | "compressedSize" | "size">>;
  /** Headers that have their sizes in a ZIP64 field. */
  readonly zip64?: readonly ("local" | "central")[];
  /** Unix mode with file type; a regular file, 0644, when left out. */
  readonly mode?: number;
  /** The DOS part of the external attributes. */
  readonly attributes?: number;
  readonly comment?: Buffer;
  /** How long the directory says that the comment is. */
  readonly commentLength?: number;
  readonly extra?: Buffer;
  readonly local?: Partial<ZipHeader>;
  readonly central?: Partial<ZipHeader>;
  /** Bytes between this member and the next. */
  readonly gap?: Buffer;
  /** Where the directory says that the member begins. */
  readonly offset?: number;
  /** The part of a split archive in which the directory says that the member begins. */
  readonly disk?: number;
  /** What the member's entry in the directory begins with; "PK\x01\x02" when left out. */
  readonly signature?: number;
}

export interface ZipHeader {
  readonly name: Buffer;
  readonly version: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly extra: Buffer;
}

export interface ZipOptions {
  readonly before?: Buffer;
  readonly behind?: Buffer;
  readonly comment?: Buffer;
  /** The directory lists the last member first. */
  readonly isDirectoryReversed?: boolean;
  /** Bytes behind the directory's last entry that count as part of it. */
  readonly inDirectory?: Buffer;
  /** Bytes between the directory and the end record. */
  readonly beforeEnd?: Buffer;
  /** Fields of the end record. */
  readonly end?: Partial<EndRecord>;
  /** Fields of the ZIP64 end record and its locator; `{}` writes them as they should be. */
  readonly zip64?: Partial<EndRecord & Zip64End>;
  /** The end record says what it should; otherwise, with `zip64`, it says "see there". */
  readonly isZip64Redundant?: boolean;
  /** How many bytes of the archive there are; negative: how many are missing. */
  readonly length?: number;
}

export interface EndRecord {
  readonly disk: number;
  readonly directoryDisk: number;
  readonly entriesOnDisk: number;
  readonly entries: number;
  readonly size: number;
  readonly offset: number;
}

export interface Zip64End {
  /** Where the locator says that the record is. */
  readonly recordOffset: number;
  readonly recordDisk: number;
  readonly disks: number;
  /** The extensible data sector. */
  readonly sector: Buffer;
}

const nothing = Buffer.alloc(0);
const max32 = 0xffffffff;

/** Writes a ZIP archive (APPNOTE.TXT 6.3.10), as plain as it comes but for what is bent. */
export function writeZip(members: readonly ZipMember[], options: ZipOptions = {}): Buffer {
  const { before = nothing, behind = nothing, comment = nothing, beforeEnd = nothing, zip64 } = options;
  const pieces: Buffer[] = [before];
  const records: Buffer[] = [];
  let offset = before.length;
  for (const member of members) {
    const local = localRecord(member);
    records.push(centralRecord(member, member.offset ?? offset));
    pieces.push(local);
    offset += local.length;
  }
  const listed = options.isDirectoryReversed ? records.toReversed() : records;
  const directory = Buffer.concat([...listed, options.inDirectory ?? nothing]);
  const { length: entries } = members;
  const actual = { disk: 0, directoryDisk: 0, entriesOnDisk: entries, entries, size: directory.length, offset };
  const seeZip64 = { entriesOnDisk: 0xffff, entries: 0xffff, size: max32, offset: max32 };
  const wide = zip64 && zip64End({ ...actual, ...zip64 }, offset + directory.length + beforeEnd.length, zip64);
  const end = endRecord({ ...actual, ...(zip64 && !options.isZip64Redundant && seeZip64), ...options.end }, comment);
  const archive = Buffer.concat([...pieces, directory, beforeEnd, wide ?? nothing, end, behind]);
  return archive.subarray(0, options.length);
}

function endRecord({ disk, directoryDisk, entriesOnDisk, entries, size, offset }: EndRecord, comment: Buffer): Buffer {
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006");
  end.writeUInt16LE(disk, 4);
  end.writeUInt16LE(directoryDisk, 6);
  end.writeUInt16LE(entriesOnDisk, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([end, comment]);
}

/** The ZIP64 end record, which is at `position`, and its locator. */
function zip64End(fields: EndRecord, position: number, bent: Partial<Zip64End>): Buffer {
  const { recordOffset = position, recordDisk = 0, disks = 1, sector = nothing } = bent;
  const record = Buffer.alloc(56);
  record.write("PK\u0006\u0006");
  record.writeBigUInt64LE(BigInt(44 + sector.length), 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeUInt32LE(fields.disk, 16);
  record.writeUInt32LE(fields.directoryDisk, 20);
  record.writeBigUInt64LE(BigInt(fields.entriesOnDisk), 24);
  record.writeBigUInt64LE(BigInt(fields.entries), 32);
  record.writeBigUInt64LE(BigInt(fields.size), 40);
  record.writeBigUInt64LE(BigInt(fields.offset), 48);
  const locator = Buffer.alloc(20);
  locator.write("PK\u0006\u0007");
  locator.writeUInt32LE(recordDisk, 4);
  locator.writeBigUInt64LE(BigInt(recordOffset), 8);
  locator.writeUInt32LE(disks, 16);
  return Buffer.concat([record, sector, locator]);
}

function headerOf(member: ZipMember, place: "local" | "central"): ZipHeader & { readonly data: Buffer } {
  const { path, content, stored = false, descriptor, extra = nothing } = member;
  const data = member.data ?? (stored ? Buffer.from(content) : deflateRawSync(content));
  const isLeftOut = descriptor !== undefined && place === "local";
  const sizes = isLeftOut ? [0, 0] : [content.length, data.length];
  const isWide = member.zip64?.includes(place) ?? false;
  return {
    name: Buffer.from(path),
    version: isWide ? 45 : 20,
    flags: (1 << 11) | (descriptor === undefined ? 0 : 1 << 3),
    method: stored ? 0 : 8,
    crc: isLeftOut ? 0 : crc32(content),
    size: (isWide ? max32 : sizes[0]) ?? 0,
    compressedSize: (isWide ? max32 : sizes[1]) ?? 0,
    extra: isWide ? Buffer.concat([zip64Field(sizes), extra]) : extra,
    ...member[place],
    data,
  };
}

function zip64Field(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, at) => {
    field.writeBigUInt64LE(BigInt(value), 4 + 8 * at);
  });
  return field;
}

/** The fields that both headers have, in their order: version needed to extra field length. */
function commonFields({ name, version, flags, method, crc, compressedSize, size, extra }: ZipHeader): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(version, 0);
  fields.writeUInt16LE(flags, 2);
  fields.writeUInt16LE(method, 4);
  // 1980-01-01.
  fields.writeUInt16LE(0x21, 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(compressedSize, 14);
  fields.writeUInt32LE(size, 18);
  fields.writeUInt16LE(name.length, 22);
  fields.writeUInt16LE(extra.length, 24);
  return fields;
}

function localRecord(member: ZipMember): Buffer {
  const header = headerOf(member, "local");
  const signature = Buffer.from("PK\u0003\u0004");
  const descriptor = member.descriptor === undefined ? nothing : dataDescriptor(member, header.data, member.descriptor);
  const { name, extra, data } = header;
  return Buffer.concat([signature, commonFields(header), name, extra, data, descriptor, member.gap ?? nothing]);
}

function dataDescriptor(
  { content, described }: ZipMember,
  data: Buffer,
  kind: "signed" | "unsigned" | "zip64",
): Buffer {
  const { crc, compressedSize, size } = {
    ...{ crc: crc32(content), compressedSize: data.length, size: content.length },
    ...described,
  };
  const isWide = kind === "zip64";
  const fields = Buffer.alloc(isWide ? 20 : 12);
  fields.writeUInt32LE(crc, 0);
  if (isWide) {
    fields.writeBigUInt64LE(BigInt(compressedSize), 4);
    fields.writeBigUInt64LE(BigInt(size), 12);
  } else {
    fields.writeUInt32LE(compressedSize, 4);
    fields.writeUInt32LE(size, 8);
  }
  return kind === "unsigned" ? fields : Buffer.concat([Buffer.from("PK\u0007\u0008"), fields]);
}

function centralRecord(member: ZipMember, offset: number): Buffer {
  const header = headerOf(member, "central");
  const { mode = 0o100644, attributes = 0, disk = 0, comment = nothing, commentLength = comment.length } = member;
  const start = Buffer.from("PK\u0001\u0002\u0014\u0003");
  if (member.signature !== undefined) start.writeUInt32LE(member.signature);
  const rest = Buffer.alloc(14);
  rest.writeUInt16LE(commentLength, 0);
  rest.writeUInt16LE(disk, 2);
  rest.writeUInt32LE(((mode << 16) | attributes) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([start, commonFields(header), rest, header.name, header.extra, comment]);
}
