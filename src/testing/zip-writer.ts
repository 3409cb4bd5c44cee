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
  /** Unix mode with file type; a regular file, 0644, when left out. */
  readonly mode?: number;
  readonly extra?: Buffer;
  readonly local?: Partial<ZipHeader>;
  readonly central?: Partial<ZipHeader>;
  /** Bytes between this member and the next. */
  readonly gap?: Buffer;
  /** Where the directory says that the member begins. */
  readonly offset?: number;
}

export interface ZipHeader {
  readonly name: Buffer;
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
  /** Bytes between the directory and the end record. */
  readonly beforeEnd?: Buffer;
  /** What the end record says of the number of entries. */
  readonly entries?: number;
}

/** Writes a ZIP archive (APPNOTE.TXT 6.3.10), as plain as it comes but for what is bent. */
export function writeZip(members: readonly ZipMember[], options: ZipOptions = {}): Buffer {
  const {
    before = Buffer.alloc(0),
    behind = Buffer.alloc(0),
    comment = Buffer.alloc(0),
    beforeEnd = Buffer.alloc(0),
  } = options;
  const pieces: Buffer[] = [before];
  const directory: Buffer[] = [];
  let offset = before.length;
  for (const member of members) {
    const local = localRecord(member);
    directory.push(centralRecord(member, member.offset ?? offset));
    pieces.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(options.entries ?? members.length, 8);
  end.writeUInt16LE(options.entries ?? members.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...pieces, central, beforeEnd, end, comment, behind]);
}

function headerOf(member: ZipMember, place: "local" | "central"): ZipHeader & { readonly data: Buffer } {
  const { path, content, stored = false, descriptor, extra = Buffer.alloc(0) } = member;
  const data = member.data ?? (stored ? Buffer.from(content) : deflateRawSync(content));
  const isLeftOut = descriptor !== undefined && place === "local";
  return {
    name: Buffer.from(path),
    flags: (1 << 11) | (descriptor === undefined ? 0 : 1 << 3),
    method: stored ? 0 : 8,
    crc: isLeftOut ? 0 : crc32(content),
    compressedSize: isLeftOut ? 0 : data.length,
    size: isLeftOut ? 0 : content.length,
    extra,
    ...member[place],
    data,
  };
}

/** The fields that both headers have, in their order: version needed to extra field length. */
function commonFields({ name, flags, method, crc, compressedSize, size, extra }: ZipHeader): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
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
  const tail = member.descriptor === undefined ? Buffer.alloc(0) : dataDescriptor(member, member.descriptor);
  return Buffer.concat([
    signature,
    commonFields(header),
    header.name,
    header.extra,
    header.data,
    tail,
    member.gap ?? Buffer.alloc(0),
  ]);
}

function dataDescriptor(member: ZipMember, kind: "signed" | "unsigned" | "zip64"): Buffer {
  const { crc, compressedSize, size } = headerOf(member, "central");
  const wide = kind === "zip64";
  const fields = Buffer.alloc(wide ? 20 : 12);
  fields.writeUInt32LE(crc, 0);
  if (wide) {
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
  const start = Buffer.from("PK\u0001\u0002\u0014\u0003");
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(((member.mode ?? 0o100644) << 16) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([start, commonFields(header), rest, header.name, header.extra]);
}
