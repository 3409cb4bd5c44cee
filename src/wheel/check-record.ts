import { createHash, hash } from "node:crypto";
import { type HashAlgorithm, isHashAlgorithm } from "../distribution/digest.ts";
import { type Archive, type ArchiveEntry, bytesToRead } from "./archive.ts";
import type { DistInfo } from "./dist-info.ts";
import { release } from "./inflate.ts";
import type { RecordRow } from "./record.ts";

/** One way in which an archive and its own RECORD differ. */
export interface RecordProblem {
  readonly id:
    | "record-mismatch"
    | "record-unlisted-file"
    | "record-missing-file"
    | "record-weak-hash"
    | "record-unreadable";
  readonly message: string;
}

/** Gets the bytes of a member once they are known to match RECORD; a large one in pieces, before that is known. */
export interface MemberSink {
  /** A whole member that matches. */
  member(entry: ArchiveEntry, bytes: Buffer): void;
  /** Puts a member in its place without its bytes, if it has a file with this digest. @returns whether it has */
  reuse?(entry: ArchiveEntry, expected: ExpectedDigest): boolean;
  /** A large member: every piece, and at the end whether it matches. */
  open(entry: ArchiveEntry): { write(chunk: Buffer): void; close(matches: boolean): void };
}

/** Which members of a wheel somebody compares. */
export type ShareOf = (entries: readonly ArchiveEntry[]) => Iterable<ArchiveEntry>;

/** Members above this are inflated and hashed in pieces, so that memory does not depend on them. */
const streamedFrom = 8 << 20;

/**
 * Compares every member with the wheel's RECORD (binary distribution format, "the .dist-info directory"): each is
 * listed with a secure hash that holds, nothing listed is missing. RECORD itself and the signature files beside it
 * have no hash. One pass inflates, hashes, compares, and hands the bytes to `sink`, so that installing needs no second.
 * @param mine the members to be compared, where others compare the rest
 * @throws ArtifactError when a member cannot be inflated
 */
export async function checkRecord(
  archive: Archive,
  { record, unhashed }: Pick<DistInfo, "record" | "unhashed">,
  sink?: MemberSink,
  mine: ShareOf = (entries) => entries,
): Promise<RecordProblem[]> {
  const problems = [...duplicateRows(record), ...impossibleRows(record, unhashed)];
  const rows = new Map(record.map((row) => [row.path, row]));
  for (const row of record) {
    if (archive.entry(row.path) === undefined) {
      problems.push({ id: "record-missing-file", message: `RECORD lists "${row.path}", the archive does not have it` });
    }
  }
  for (const entry of mine(archive.entries)) {
    if (unhashed.has(entry.path)) continue;
    const expected = expectedDigest(rows.get(entry.path), entry);
    if ("id" in expected) {
      problems.push(expected);
      continue;
    }
    const isMatch =
      sink?.reuse?.(entry, expected) ||
      (bytesToRead(entry) > streamedFrom
        ? await matchesInPieces(archive, entry, expected, sink)
        : matchesWhole(archive, entry, expected, sink));
    if (!isMatch) {
      problems.push({
        id: "record-mismatch",
        message: `"${entry.path}" is not the file that RECORD lists: its ${expected.algorithm} differs`,
      });
    }
  }
  return problems;
}

function duplicateRows(record: readonly RecordRow[]): RecordProblem[] {
  const seen = new Set<string>();
  return record.flatMap(({ path }): RecordProblem[] => {
    if (seen.has(path)) return [{ id: "record-unreadable", message: `RECORD lists "${path}" twice` }];
    seen.add(path);
    return [];
  });
}

/** RECORD cannot hold its own hash, and signatures over it come after it: PEP 427 has them not mentioned. */
function impossibleRows(record: readonly RecordRow[], unhashed: DistInfo["unhashed"]): RecordProblem[] {
  return record.flatMap(({ path, hash }): RecordProblem[] => {
    if (!unhashed.has(path)) return [];
    if (!path.endsWith("/RECORD"))
      return [{ id: "record-unreadable", message: `RECORD lists "${path}", which is made after RECORD` }];
    return hash === undefined ? [] : [{ id: "record-unreadable", message: "RECORD has a hash for itself" }];
  });
}

/** A digest that RECORD has for a member. */
export interface ExpectedDigest {
  readonly algorithm: HashAlgorithm;
  /** URL-safe base64 without padding. */
  readonly digest: string;
}

function expectedDigest(row: RecordRow | undefined, entry: ArchiveEntry): ExpectedDigest | RecordProblem {
  const { path } = entry;
  if (row === undefined)
    return { id: "record-unlisted-file", message: `"${path}" is in the archive, RECORD does not list it` };
  if (row.hash === undefined) return { id: "record-weak-hash", message: `RECORD has no hash for "${path}"` };
  const { algorithm, digest } = row.hash;
  if (!isHashAlgorithm(algorithm)) {
    return {
      id: "record-weak-hash",
      message: `RECORD has ${algorithm} for "${path}", only sha256, sha384 and sha512 count`,
    };
  }
  if (row.size !== undefined && row.size !== entry.size) {
    return { id: "record-mismatch", message: `"${path}" has ${entry.size} bytes, RECORD says ${row.size}` };
  }
  // Some tools pad the digest; what it means is the same.
  return { algorithm, digest: digest.replace(/=+$/, "") };
}

function matchesWhole(
  archive: Archive,
  entry: ArchiveEntry,
  { algorithm, digest }: ExpectedDigest,
  sink?: MemberSink,
): boolean {
  const bytes = archive.read(entry);
  const isMatch = hash(algorithm, bytes, "base64url") === digest;
  if (isMatch) sink?.member(entry, bytes);
  if (entry.isDeflated) release(bytes);
  return isMatch;
}

async function matchesInPieces(
  archive: Archive,
  entry: ArchiveEntry,
  { algorithm, digest }: ExpectedDigest,
  sink?: MemberSink,
): Promise<boolean> {
  const hasher = createHash(algorithm);
  const output = sink?.open(entry);
  let isMatch = false;
  try {
    for await (const chunk of archive.chunks(entry)) {
      hasher.update(chunk);
      output?.write(chunk);
    }
    isMatch = hasher.digest("base64url") === digest;
    return isMatch;
  } finally {
    output?.close(isMatch);
  }
}
