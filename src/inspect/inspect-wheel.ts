import type { ByteSource } from "../distribution/byte-source.ts";
import type { WheelFilename } from "../distribution/filename.ts";
import { ArtifactError, messageOf } from "../errors.ts";
import { realDisk } from "../unpack/disk.ts";
import { unpackWheel } from "../unpack/unpack-wheel.ts";
import type { ArchiveEvidence, RecordEvidence } from "../verdict/evidence.ts";
import { type FindingId, isFindingId } from "../verdict/finding-catalog.ts";
import { type Archive, openArchive } from "../wheel/archive.ts";
import { checkRecord, type RecordProblem } from "../wheel/check-record.ts";
import { type DistInfo, readDistInfo } from "../wheel/dist-info.ts";
import { planLayout } from "../wheel/layout.ts";
import { startupNotices } from "../wheel/startup.ts";

/** What was seen of a wheel. */
export interface WheelInspection {
  readonly evidence: readonly (ArchiveEvidence | RecordEvidence)[];
  /** Why the folder could not be filled; the wheel may be well all the same. */
  readonly unpackFailure?: string;
}

/**
 * A wheel is what its name says and what its own RECORD says: one reading of the archive, one identity, every path
 * inside its scheme, and every member hashed against RECORD (PEP 427, binary distribution format).
 * @param folder filled on the way, when given (`unpackWheel`)
 */
export async function inspectWheel(
  bytes: ByteSource,
  filename: WheelFilename,
  folder?: string,
): Promise<WheelInspection> {
  try {
    const archive = await openArchive(bytes);
    const distInfo = readDistInfo(archive, filename);
    const placements = planLayout(distInfo, archive.entries);
    const notices = [...distInfo.notices, ...startupNotices(archive, placements)];
    const { problems, unpackFailure } = await compare(archive, distInfo, folder);
    return {
      evidence: [{ kind: "archive", outcome: "verified", notices }, recordEvidence(problems, distInfo.record.length)],
      ...(unpackFailure !== undefined && { unpackFailure }),
    };
  } catch (error) {
    // Bytes that have no reading are evidence; a disk that cannot be read is not.
    if (!(error instanceof ArtifactError && isFindingId(error.code))) throw error;
    return { evidence: [unreadable(error.code, error.message)] };
  }
}

/** A disk that cannot be written says nothing of the wheel: then it is only looked at. */
async function compare(
  archive: Archive,
  distInfo: DistInfo,
  folder: string | undefined,
): Promise<{ problems: RecordProblem[]; unpackFailure?: string }> {
  if (folder === undefined) return { problems: await checkRecord(archive, distInfo) };
  try {
    return { problems: await unpackWheel(archive, distInfo, folder, realDisk) };
  } catch (error) {
    if (error instanceof ArtifactError) throw error;
    return { problems: await checkRecord(archive, distInfo), unpackFailure: messageOf(error) };
  }
}

function recordEvidence(problems: readonly RecordProblem[], files: number): RecordEvidence {
  return problems.length > 0
    ? { kind: "record", outcome: "invalid", problems }
    : { kind: "record", outcome: "verified", files };
}

/** What is wrong with RECORD itself is said of RECORD; everything else is said of the archive. */
function unreadable(id: FindingId, message: string): ArchiveEvidence | RecordEvidence {
  const kind = id.startsWith("record-") ? "record" : "archive";
  return { kind, outcome: "invalid", problems: [{ id, message }] };
}
