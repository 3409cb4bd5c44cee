import type { ByteSource } from "../distribution/byte-source.ts";
import type { WheelFilename } from "../distribution/filename.ts";
import { ArtifactError } from "../errors.ts";
import type { ArchiveEvidence, RecordEvidence } from "../verdict/evidence.ts";
import { type FindingId, isFindingId } from "../verdict/finding-catalog.ts";
import { openArchive } from "../wheel/archive.ts";
import { checkRecord } from "../wheel/check-record.ts";
import { readDistInfo } from "../wheel/dist-info.ts";
import { planLayout } from "../wheel/layout.ts";

/**
 * A wheel is what its name says and what its own RECORD says: one reading of the archive, one identity, every path
 * inside its scheme, and every member hashed against RECORD (PEP 427, binary distribution format).
 */
export async function inspectWheel(
  bytes: ByteSource,
  filename: WheelFilename,
): Promise<(ArchiveEvidence | RecordEvidence)[]> {
  try {
    const archive = await openArchive(bytes);
    const distInfo = readDistInfo(archive, filename);
    planLayout(distInfo, archive.entries);
    return [
      { kind: "archive", outcome: "verified", notices: distInfo.notices },
      recordEvidence(await checkRecord(archive, distInfo), distInfo.record.length),
    ];
  } catch (error) {
    // Bytes that have no reading are evidence; a disk that cannot be read is not.
    if (!(error instanceof ArtifactError && isFindingId(error.code))) throw error;
    return [unreadable(error.code, error.message)];
  }
}

function recordEvidence(problems: Awaited<ReturnType<typeof checkRecord>>, files: number): RecordEvidence {
  return problems.length > 0
    ? { kind: "record", outcome: "invalid", problems }
    : { kind: "record", outcome: "verified", files };
}

/** What is wrong with RECORD itself is said of RECORD; everything else is said of the archive. */
function unreadable(id: FindingId, message: string): ArchiveEvidence | RecordEvidence {
  const kind = id.startsWith("record-") ? "record" : "archive";
  return { kind, outcome: "invalid", problems: [{ id, message }] };
}
