import { Readable } from "node:stream";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from "yauzl";
import type { ByteSource } from "../distribution/byte-source.ts";
import { ArtifactError, messageOf } from "../errors.ts";
import { checkMemberPath, collisionKey } from "./member-path.ts";
import {
  extraFields,
  fixedLocalHeaderLength,
  flags,
  isDataDescriptor,
  longestDescriptor,
  longestEnd,
  methods,
  readEndOfDirectory,
  readLocalHeader,
  signatures,
} from "./zip-format.ts";

/** A ZIP archive that has exactly one reading. Directories are not among its entries. */
export interface Archive {
  /** In the order of their data. */
  readonly entries: readonly ArchiveEntry[];
  entry(path: string): ArchiveEntry | undefined;
  /**
   * The member's bytes, inflated; size and CRC hold.
   * @throws ArtifactError `archive-unreadable`
   */
  read(entry: ArchiveEntry): Buffer;
  /** As `read`, piece by piece, for members too large to hold. Size and CRC are known to hold only at the end. */
  chunks(entry: ArchiveEntry): AsyncIterable<Buffer>;
}

export interface ArchiveEntry {
  readonly path: string;
  /** Inflated bytes. */
  readonly size: number;
  readonly compressedSize: number;
  readonly crc32: number;
  readonly isDeflated: boolean;
  /** Whether the archive marks the file as executable by its owner. */
  readonly isExecutable: boolean;
  /** Where the member's data begins in the file. */
  readonly dataOffset: number;
}

/** What no real wheel comes near; they keep hostile ones from taking all memory or disk. */
const limits = {
  entries: 200_000,
  directoryBytes: 64 << 20,
  totalBytes: 32 * 2 ** 30,
  /** Above `ratioFrom` inflated bytes, an archive must not inflate to more than `ratio` times its size. */
  ratioFrom: 64 << 20,
  ratio: 200,
};

/**
 * Reads an archive's directory and checks it against every member's own header: readers of ZIP differ in which of the
 * two they believe, so both must say the same, no byte may belong to nothing, and no name may mean two files.
 * @throws ArtifactError with the id of a finding as its code
 */
export async function openArchive(source: ByteSource): Promise<Archive> {
  const tailOffset = Math.max(0, source.size - longestEnd);
  const tail = source.read(tailOffset, source.size - tailOffset);
  const directory = readEndOfDirectory(tail, tailOffset);
  if (directory.size > limits.directoryBytes || directory.entries > limits.entries) {
    throw new ArtifactError(
      "archive-too-large",
      `The archive lists ${directory.entries} members, too many for a wheel`,
    );
  }
  const listed = await listEntries(source, Math.min(directory.offset, tailOffset));
  const members = listed.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  const entries = members.map((entry, at) => {
    const end = members[at + 1]?.relativeOffsetOfLocalHeader ?? directory.offset;
    return openMember(entry, end, source);
  });
  if ((members[0]?.relativeOffsetOfLocalHeader ?? directory.offset) !== 0) {
    throw new ArtifactError("archive-ambiguous", "There are bytes before the first member");
  }
  checkCollisions(entries.map(({ path }) => path));
  const files = entries.filter(({ path }) => !path.endsWith("/"));
  checkTotal(files, source.size);
  return archiveOf(files, source);
}

/** The entries of the central directory, by yauzl, which reads it, and the end record, from memory. */
async function listEntries(source: ByteSource, offset: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    const reader = new DirectoryReader(source.read(offset, source.size - offset), offset);
    // Names are decoded here: yauzl would take them from an extra field that other readers do not know.
    const zip = await fromRandomAccessReaderPromise(reader, source.size, { lazyEntries: true, decodeStrings: false });
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    if (error instanceof ArtifactError) throw error;
    throw new ArtifactError("archive-unreadable", `The archive cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return entries;
}

/** Serves yauzl what lies from the central directory on. */
class DirectoryReader extends RandomAccessReader {
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

/** One member: its entry in the directory, compared with its own header and with what follows its data. */
function openMember(entry: Entry, end: number, source: ByteSource): ArchiveEntry {
  const path = memberPath(entry);
  const isDirectory = path.endsWith("/");
  checkKind(entry, path, isDirectory);

  const start = entry.relativeOffsetOfLocalHeader;
  const available = end - start;
  const longestHeader = fixedLocalHeaderLength + entry.fileNameLength + 0xffff;
  const bytes =
    available < fixedLocalHeaderLength ? undefined : source.read(start, Math.min(available, longestHeader, 512));
  if (bytes === undefined || bytes.readUInt32LE(0) !== signatures.localFileHeader)
    throw ambiguous(path, "has no header where the directory says");
  const headerLength = fixedLocalHeaderLength + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
  if (headerLength + entry.compressedSize > available) throw ambiguous(path, "overlaps with what follows it");
  const header = readLocalHeader(headerLength <= bytes.length ? bytes : source.read(start, headerLength));

  if (!header.name.equals(entry.fileNameRaw)) throw ambiguous(path, "has another name in its own header");
  if (header.method !== entry.compressionMethod || header.flags !== entry.generalPurposeBitFlag) {
    throw ambiguous(path, "has another method or other flags in its own header");
  }
  const member = { crc32: entry.crc32, compressedSize: entry.compressedSize, size: entry.uncompressedSize };
  const hasDescriptor = (header.flags & flags.dataDescriptor) !== 0;
  const isSame =
    header.crc32 === member.crc32 && header.compressedSize === member.compressedSize && header.size === member.size;
  const isLeftOut = header.crc32 === 0 && header.compressedSize === 0 && header.size === 0;
  if (!isSame && !(hasDescriptor && isLeftOut))
    throw ambiguous(path, "has other sizes or another checksum in its own header");

  const dataOffset = start + header.length;
  const rest = end - dataOffset - member.compressedSize;
  const fits = hasDescriptor
    ? rest <= longestDescriptor && isDataDescriptor(source.read(end - rest, rest), member)
    : rest === 0;
  if (!fits) throw ambiguous(path, "is followed by bytes that belong to nothing");
  return {
    path,
    ...member,
    dataOffset,
    isDeflated: entry.compressionMethod === methods.deflated,
    isExecutable: ((entry.externalFileAttributes >>> 16) & 0o100) !== 0,
  };
}

/** UTF-8 where the flag says so, ASCII otherwise: what else there is, readers decode in different ways. */
function memberPath({ fileNameRaw, generalPurposeBitFlag, extraFields: extra }: Entry): string {
  const isUtf8 = (generalPurposeBitFlag & flags.utf8) !== 0;
  const path = fileNameRaw.toString(isUtf8 ? "utf8" : "latin1");
  const isPlain = isUtf8 ? Buffer.from(path).equals(fileNameRaw) : fileNameRaw.every((byte) => byte < 0x80);
  if (!isPlain) throw ambiguous(path, "has a name that is neither ASCII nor marked as UTF-8");
  if (extra.some(({ id }) => id === extraFields.unicodePath))
    throw ambiguous(path, "has a second name in an extra field");
  checkMemberPath(path);
  return path;
}

function checkKind(entry: Entry, path: string, isDirectory: boolean): void {
  const bits = entry.generalPurposeBitFlag;
  if ((bits & (flags.encrypted | flags.strongEncryption | flags.masked)) !== 0) throw unsafe(path, "is encrypted");
  if ((bits & flags.patched) !== 0) throw unsafe(path, "is a patch");
  if (entry.compressionMethod !== methods.stored && entry.compressionMethod !== methods.deflated) {
    throw unsafe(path, `is compressed by method ${entry.compressionMethod}, wheels are stored or deflated`);
  }
  if (entry.compressionMethod === methods.stored && entry.compressedSize !== entry.uncompressedSize)
    throw ambiguous(path, "has two sizes");
  // The file type of a Unix mode; 0 where the archive was made without one.
  const type = (entry.externalFileAttributes >>> 28) & 0xf;
  const allowed = isDirectory ? 0o04 : 0o10;
  if (type !== 0 && type !== allowed) throw unsafe(path, type === 0o12 ? "is a symbolic link" : "is no regular file");
  if (isDirectory && entry.uncompressedSize !== 0) throw unsafe(path, "is a directory with data");
}

/** No two names for one file, and no file where another member needs a directory. */
function checkCollisions(paths: readonly string[]): void {
  const files = new Map<string, string>();
  const directories = new Map<string, string>();
  for (const path of paths) {
    const isDirectory = path.endsWith("/");
    const key = collisionKey(isDirectory ? path.slice(0, -1) : path);
    const taken = files.get(key) ?? (isDirectory ? undefined : directories.get(key));
    if (taken !== undefined)
      throw new ArtifactError("archive-ambiguous", `Members "${taken}" and "${path}" are one file on some systems`);
    if (isDirectory) directories.set(key, path);
    else files.set(key, path);
  }
  for (const path of paths) {
    const key = collisionKey(path);
    for (let at = key.indexOf("/"); at !== -1 && at < key.length - 1; at = key.indexOf("/", at + 1)) {
      const taken = files.get(key.slice(0, at));
      if (taken !== undefined)
        throw new ArtifactError("archive-ambiguous", `Member "${taken}" is a file, and "${path}" lies in it`);
    }
  }
}

function checkTotal(files: readonly ArchiveEntry[], archiveSize: number): void {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total <= limits.totalBytes && (total <= limits.ratioFrom || total <= archiveSize * limits.ratio)) return;
  throw new ArtifactError("archive-too-large", `The archive has ${archiveSize} bytes and inflates to ${total}`);
}

function archiveOf(entries: readonly ArchiveEntry[], source: ByteSource): Archive {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  return {
    entries,
    entry: (path) => byPath.get(path),
    read: (entry) => {
      const bytes = inflate(entry, source);
      if (bytes.length !== entry.size || crc32(bytes) !== entry.crc32) throw damaged(entry);
      return bytes;
    },
    chunks: (entry) => inflateInChunks(entry, source),
  };
}

function inflate(entry: ArchiveEntry, source: ByteSource): Buffer {
  const data = source.read(entry.dataOffset, entry.compressedSize);
  if (!entry.isDeflated) return data;
  try {
    // The declared size bounds what is inflated. `info` tells how much of the data was used: all of it must be.
    const { buffer, engine } = inflateRawSync(data, {
      maxOutputLength: Math.max(1, entry.size),
      info: true,
    }) as unknown as InflateInfo;
    if (engine.bytesWritten !== data.length) throw damaged(entry);
    return buffer;
  } catch (error) {
    throw error instanceof ArtifactError ? error : damaged(entry, error);
  }
}

/** What zlib's `info` option returns; @types/node does not know it. */
interface InflateInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** Pieces in which large members are read and inflated. */
const chunkLength = 1 << 20;

async function* inflateInChunks(entry: ArchiveEntry, source: ByteSource): AsyncGenerator<Buffer> {
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
  const inflater = createInflateRaw({ chunkSize: chunkLength });
  const deflated = Readable.from(storedChunks(entry, source)).on("error", (error) => inflater.destroy(error));
  try {
    for await (const chunk of deflated.pipe(inflater)) yield chunk;
  } catch (error) {
    throw error instanceof ArtifactError ? error : damaged(entry, error);
  }
  if (inflater.bytesWritten !== entry.compressedSize) throw damaged(entry);
}

function damaged({ path }: ArchiveEntry, cause?: unknown): ArtifactError {
  return new ArtifactError(
    "archive-unreadable",
    `Member "${path}" is damaged: its data do not inflate to what is declared`,
    { cause },
  );
}

function ambiguous(path: string, what: string): ArtifactError {
  return new ArtifactError("archive-ambiguous", `Member "${path}" ${what}`);
}

function unsafe(path: string, what: string): ArtifactError {
  return new ArtifactError("archive-unsafe-member", `Member "${path}" ${what}`);
}
