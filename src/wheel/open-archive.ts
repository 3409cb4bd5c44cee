import type { ByteSource } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";
import type { Archive, ArchiveEntry } from "./archive.ts";
import { readCentralDirectory } from "./central-directory.ts";
import { inflate, inflateInChunks } from "./inflate.ts";
import { openMember } from "./member.ts";
import { collisionKey, fileInTheWay } from "./member-path.ts";

/** What no real wheel comes near; they keep hostile ones from taking all memory or disk. */
const limits = {
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
export function openArchive(source: ByteSource): Archive {
  const directory = readCentralDirectory(source);
  const members = directory.entries.toSorted((a, b) => a.start - b.start);
  const entries = members.map((entry, at) => {
    const end = members[at + 1]?.start ?? directory.offset;
    return openMember(entry, end, source);
  });
  if ((members[0]?.start ?? directory.offset) !== 0) {
    throw new ArtifactError("archive-ambiguous", "There are bytes before the first member");
  }
  checkCollisions(entries.map(({ path }) => path));
  const files = entries.filter(({ path }) => !path.endsWith("/"));
  checkTotal(files, source.size);
  return archiveOf(files, source);
}

/** No two names for one file or folder, and no file where another member needs a folder. */
function checkCollisions(paths: readonly string[]): void {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    const isFolder = path.endsWith("/");
    const key = collisionKey(isFolder ? path.slice(0, -1) : path);
    const taken = files.get(key) ?? folders.get(key);
    if (taken !== undefined)
      throw new ArtifactError("archive-ambiguous", `Members "${taken}" and "${path}" are one file on some systems`);
    (isFolder ? folders : files).set(key, path);
  }
  const file = fileInTheWay(files, [...files.keys(), ...folders.keys()]);
  if (file !== undefined)
    throw new ArtifactError("archive-ambiguous", `Member "${file}" is a file, and other members lie in it`);
}

function checkTotal(files: readonly ArchiveEntry[], archiveSize: number): void {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total <= limits.totalBytes && (total <= limits.ratioFrom || total <= archiveSize * limits.ratio)) return;
  throw new ArtifactError("archive-too-large", `The archive has ${archiveSize} bytes and inflates to ${total}`);
}

/** Small members are inflated once, although what they say is read before they are hashed: all of a small wheel. */
const keptBytes = { each: 16 << 10, all: 64 << 10 };

function archiveOf(entries: readonly ArchiveEntry[], source: ByteSource): Archive {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const kept = new Map<ArchiveEntry, Buffer>();
  let room = keptBytes.all;
  const readAndKeep = (entry: ArchiveEntry) => {
    const bytes = inflate(entry, source);
    if (entry.size <= keptBytes.each && entry.size <= room) {
      room -= entry.size;
      kept.set(entry, bytes);
    }
    return bytes;
  };
  return {
    entries,
    entry: (path) => byPath.get(path),
    read: (entry) => kept.get(entry) ?? readAndKeep(entry),
    chunks: (entry) => inflateInChunks(entry, source),
  };
}
