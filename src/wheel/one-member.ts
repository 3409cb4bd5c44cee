import type { ByteSource } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";
import { readCentralDirectory } from "./central-directory.ts";
import { inflate } from "./inflate.ts";
import { openMember } from "./member.ts";

export interface WantedMember {
  /** Which member it is, by its name in the directory; a wheel has one such. */
  readonly name: RegExp;
  /** Inflated bytes that it may have. */
  readonly maxBytes: number;
  /** Thrown with the number of members by that name, where it is not one. */
  missing(count: number): ArtifactError;
}

/** Bytes that a member may have beside its data: its own header with a name and extra fields, and a descriptor. */
const longestFraming = 256 << 10;

/**
 * One member of an archive, of which only the central directory and that member are read. Whether others are what they should be,
 * `openArchive` says, at the price of reading every member's own header.
 * @throws ArtifactError
 */
export function readOneMember(source: ByteSource, { name, maxBytes, missing }: WantedMember): Buffer {
  const { entries, offset } = readCentralDirectory(source);
  const found = entries.filter((entry) => name.test(entry.name.toString("latin1")));
  const [member] = found;
  if (member === undefined || found.length > 1) throw missing(found.length);
  if (member.size > maxBytes)
    throw new ArtifactError("archive-too-large", `Member "${member.name}" has ${member.size} bytes`);
  const { start } = member;
  const later = entries.map((entry) => entry.start).filter((other) => other > start);
  const end = Math.min(offset, ...later);
  if (end <= start || end - start > 2 * maxBytes + longestFraming)
    throw new ArtifactError("archive-unreadable", `Member "${member.name}" has ${end - start} bytes in the archive`);
  // All of it at once: where it lies elsewhere, every read that is not known yet is a request.
  source.read(start, end - start);
  return inflate(openMember(member, end, source), source);
}
