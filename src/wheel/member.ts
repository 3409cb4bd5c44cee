import { isAscii, isUtf8 as isUtf8Text } from "node:buffer";
import type { ByteSource } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";
import type { ArchiveEntry } from "./archive.ts";
import type { DirectoryEntry } from "./central-directory.ts";
import {
  fixedLocalHeaderLength,
  isDataDescriptor,
  type LocalHeader,
  localHeaderLength,
  longestDescriptor,
  readLocalHeader,
} from "./local-header.ts";
import { checkMemberPath } from "./member-path.ts";
import { flags, hasOverride, methods } from "./zip-format.ts";

/**
 * One member: its entry in the directory, compared with its own header and with what follows its data.
 * @param end where the next member begins, or the central directory
 * @throws ArtifactError `archive-ambiguous`, `archive-unsafe-path`, `archive-unsafe-member`
 */
export function openMember(entry: DirectoryEntry, end: number, source: ByteSource): ArchiveEntry {
  const path = memberPath(entry);
  checkKind(entry, path);
  const header = ownHeader(entry, path, end, source);
  checkHeader(header, entry, path);

  const { crc32, compressedSize, size, start } = entry;
  const dataOffset = start + header.length;
  const rest = end - dataOffset - compressedSize;
  const isFilled = hasDescriptor(header)
    ? rest <= longestDescriptor && isDataDescriptor(source.read(end - rest, rest), { crc32, compressedSize, size })
    : rest === 0;
  if (!isFilled) throw ambiguous(path, "is followed by bytes that belong to nothing");
  return {
    path,
    size,
    compressedSize,
    crc32,
    dataOffset,
    isDeflated: entry.method === methods.deflated,
    isExecutable: (unixMode(entry) & 0o111) !== 0,
  };
}

/** UTF-8 where the flag says so, ASCII otherwise: what else there is, readers decode in different ways. */
function memberPath({ name, flags: bits }: DirectoryEntry): string {
  const isUtf8 = (bits & flags.utf8) !== 0;
  const path = name.toString(isUtf8 ? "utf8" : "latin1");
  const isPlain = isUtf8 ? isUtf8Text(name) : isAscii(name);
  if (!isPlain) throw ambiguous(path, "has a name that is neither ASCII nor marked as UTF-8");
  checkMemberPath(path);
  return path;
}

/** Bits of the external attributes that DOS has for what is no file: volume label, directory, reparse point. */
const dosNoFile = 0x08 | 0x10 | 0x400;

/** Version 4.5 has ZIP64; later ones brought what wheels have no use for (APPNOTE 4.4.3.2), up to 6.3. */
const latestVersion = 63;

function checkKind(entry: DirectoryEntry, path: string): void {
  const bits = entry.flags;
  if ((bits & (flags.encrypted | flags.strongEncryption | flags.masked)) !== 0) throw unsafe(path, "is encrypted");
  if ((bits & flags.patched) !== 0) throw unsafe(path, "is a patch");
  if (entry.method !== methods.stored && entry.method !== methods.deflated) {
    throw unsafe(path, `is compressed by method ${entry.method}, wheels are stored or deflated`);
  }
  if ((entry.versionNeeded & 0xff) > latestVersion) throw unsafe(path, "needs a later version of ZIP");
  if (entry.method === methods.stored && entry.compressedSize !== entry.size) throw ambiguous(path, "has two sizes");

  const isFolder = path.endsWith("/");
  const type = unixMode(entry) >>> 12;
  const allowed = isFolder ? 0o04 : 0o10;
  // Archives that were made without Unix modes have type 0.
  if (type !== 0 && type !== allowed) throw unsafe(path, type === 0o12 ? "is a symbolic link" : "is no regular file");
  if (!isFolder && (entry.externalAttributes & dosNoFile) !== 0) throw unsafe(path, "is no regular file");
  // Deflating nothing gives 2 bytes, which is what some tools write for a folder.
  if (isFolder && (entry.size !== 0 || entry.compressedSize > 2 || entry.crc32 !== 0))
    throw unsafe(path, "is a folder with data");
}

/** File type and permissions; 0 where the archive has none. */
function unixMode({ externalAttributes }: DirectoryEntry): number {
  return externalAttributes >>> 16;
}

/** One read gets nearly every header whole. */
const usualHeaderLength = 512;

function ownHeader(entry: DirectoryEntry, path: string, end: number, source: ByteSource): LocalHeader {
  const { start } = entry;
  const available = end - start;
  const bytes =
    available < fixedLocalHeaderLength ? undefined : source.read(start, Math.min(available, usualHeaderLength));
  const length = bytes && localHeaderLength(bytes);
  if (bytes === undefined || length === undefined) throw ambiguous(path, "has no header where the directory says");
  if (length + entry.compressedSize > available) throw ambiguous(path, "overlaps with what follows it");
  return readLocalHeader(length <= bytes.length ? bytes : source.read(start, length));
}

function checkHeader(header: LocalHeader, entry: DirectoryEntry, path: string): void {
  if (!header.name.equals(entry.name)) throw ambiguous(path, "has another name in its own header");
  if (hasOverride(header.extra)) throw ambiguous(path, "has a second name in an extra field");
  if (header.method !== entry.method || header.flags !== entry.flags) {
    throw ambiguous(path, "has another method or other flags in its own header");
  }
  const isSame =
    header.crc32 === entry.crc32 && header.compressedSize === entry.compressedSize && header.size === entry.size;
  const isLeftOut = header.crc32 === 0 && header.compressedSize === 0 && header.size === 0;
  if (!isSame && !(hasDescriptor(header) && isLeftOut))
    throw ambiguous(path, "has other sizes or another checksum in its own header");
}

function hasDescriptor(header: LocalHeader): boolean {
  return (header.flags & flags.dataDescriptor) !== 0;
}

function ambiguous(path: string, what: string): ArtifactError {
  return new ArtifactError("archive-ambiguous", `Member "${path}" ${what}`);
}

function unsafe(path: string, what: string): ArtifactError {
  return new ArtifactError("archive-unsafe-member", `Member "${path}" ${what}`);
}
