import type { ByteSource } from "../distribution/byte-source.ts";
import type { WheelFilename } from "../distribution/filename.ts";
import { ArtifactError } from "../errors.ts";
import { realDisk } from "../unpack/disk.ts";
import { type OpenWheel, unpackWheel } from "../unpack/unpack-wheel.ts";
import type { ArchiveEvidence, RecordEvidence } from "../verdict/evidence.ts";
import { type FindingId, isFindingId } from "../verdict/finding-catalog.ts";
import { checkRecord, type RecordProblem, type ShareOf } from "../wheel/check-record.ts";
import { readDistInfo } from "../wheel/dist-info.ts";
import { planLayout } from "../wheel/layout.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { startupNotices } from "../wheel/startup.ts";
import type { UnpackPlaces, WheelInspection } from "./wheel-inspection.ts";
import { recallWheel, rememberWheel } from "./wheel-memory.ts";

/**
 * A wheel is what its name says and what its own RECORD says: one reading of the archive, one identity, every path
 * inside its scheme, and every member hashed against RECORD (PEP 427, binary distribution format).
 * @param places filled on the way, when given (`unpackWheel`); what was seen of these bytes before is recalled from there
 */
export async function inspectWheel(
  bytes: ByteSource,
  filename: WheelFilename,
  places?: UnpackPlaces,
): Promise<WheelInspection> {
  const recalled = places && recallWheel(filename, places);
  if (recalled !== undefined) return recalled;
  const inspection = await lookAtWheel(bytes, filename, places);
  if (places?.seal !== undefined) rememberWheel(filename, inspection, places.seal);
  return inspection;
}

/** As `inspectWheel`, without memory. @param mine the members that are compared, where others compare the rest */
export async function lookAtWheel(
  bytes: ByteSource,
  filename: WheelFilename,
  places?: UnpackPlaces,
  mine?: ShareOf,
): Promise<WheelInspection> {
  try {
    const archive = openArchive(bytes);
    const distInfo = readDistInfo(archive, filename);
    const layout = planLayout(distInfo, archive.entries);
    const notices = [...distInfo.notices, ...startupNotices(archive, layout)];
    const { problems, ...result } = await compare({ archive, distInfo, layout }, places, mine);
    return {
      evidence: [{ kind: "archive", outcome: "verified", notices }, recordEvidence(problems, distInfo.record.length)],
      ...result,
    };
  } catch (error) {
    // Bytes that have no reading are evidence; a disk that cannot be read is not.
    if (!(error instanceof ArtifactError && isFindingId(error.code))) throw error;
    return { evidence: [unreadable(error.code, error.message)] };
  }
}

/** A disk that cannot be written says nothing of the wheel: then it is only looked at. */
async function compare(
  wheel: OpenWheel,
  places: UnpackPlaces | undefined,
  mine: ShareOf | undefined,
): Promise<{ readonly problems: readonly RecordProblem[] } & Omit<WheelInspection, "evidence">> {
  if (places === undefined) return { problems: await checkRecord(wheel.archive, wheel.distInfo, undefined, mine) };
  try {
    return await unpackWheel(wheel, places.folder, realDisk, places.stored, mine);
  } catch (error) {
    if (error instanceof ArtifactError) throw error;
    // All members: of those that this thread took, nobody else looks at any.
    return { problems: await checkRecord(wheel.archive, wheel.distInfo), unpacked: error as Error };
  }
}

function recordEvidence(problems: readonly RecordProblem[], files: number): RecordEvidence {
  return problems.length > 0
    ? { kind: "record", outcome: "invalid", problems: shorten(problems) }
    : { kind: "record", outcome: "verified", files };
}

/** Nobody reads a hundred thousand lines that say the same. */
const mostProblems = 100;

function shorten(problems: readonly RecordProblem[]): readonly RecordProblem[] {
  const [next] = problems.slice(mostProblems);
  if (next === undefined) return problems;
  const more = { id: next.id, message: `and ${problems.length - mostProblems} more files differ from RECORD` };
  return [...problems.slice(0, mostProblems), more];
}

/** What is wrong with RECORD itself is said of RECORD; everything else is said of the archive. */
function unreadable(id: FindingId, message: string): ArchiveEvidence | RecordEvidence {
  const kind = id.startsWith("record-") ? "record" : "archive";
  return { kind, outcome: "invalid", problems: [{ id, message }] };
}
