import type { ArtifactRef } from "../../distribution/artifact.ts";
import type { ByteSource } from "../../distribution/byte-source.ts";
import { ArtifactError } from "../../errors.ts";
import { type FilePart, readRange } from "../../package-index/read-range.ts";
import type { Transport } from "../../package-index/transport.ts";
import { readCentralDirectory } from "../../wheel/central-directory.ts";
import { inflate } from "../../wheel/inflate.ts";
import { openMember } from "../../wheel/member.ts";
import { longestRecord, parseRecord, type RecordRow } from "../../wheel/record.ts";

/** Holds the directory and RECORD of most wheels: RECORD is written last. */
const firstPart = 128 << 10;

/** Another part is asked for when something is missing: the rest of the directory, and RECORD. */
const mostParts = 4;
const longestPart = 64 << 20;

/**
 * RECORD of a wheel on an index, of which only the central directory and RECORD are read; nothing where the server gives no
 * parts of files. The archive is not hashed: this is as true as the server is.
 * @throws IndexError, ArtifactError
 */
export async function readRemoteRecord({ url }: ArtifactRef, transport: Transport): Promise<RecordRow[] | undefined> {
  if (url.protocol === "file:") return undefined;
  const first = await readRange(url, { last: firstPart }, transport);
  if (first === undefined) return undefined;
  const parts = [first];
  for (;;) {
    try {
      return recordIn(partialSource(parts));
    } catch (error) {
      if (!(error instanceof MissingPart) || parts.length >= mostParts || error.length > longestPart) throw error;
      const { position: from, length } = error;
      const next = await readRange(url, { from, to: from + length - 1 }, transport);
      if (next === undefined || next.size !== first.size)
        throw new ArtifactError("artifact-changed", `"${url.pathname}" changed while it was read`, { cause: error });
      parts.push(next);
    }
  }
}

function recordIn(source: ByteSource): RecordRow[] {
  const { entries, offset } = readCentralDirectory(source);
  const records = entries.filter(({ name }) => /^[^/]+\.dist-info\/RECORD$/.test(name.toString("latin1")));
  const [record] = records;
  if (record === undefined || records.length > 1)
    throw new ArtifactError("record-absent", `The archive has ${records.length} files called RECORD`);
  if (record.size > longestRecord) throw new ArtifactError("archive-too-large", `RECORD has ${record.size} bytes`);
  const { start } = record;
  const later = entries.map((entry) => entry.start).filter((other) => other > start);
  const end = Math.min(offset, ...later);
  // All of it at once.
  source.read(start, end - start);
  return parseRecord(inflate(openMember(record, end, source), source).toString("utf8"));
}

/** Bytes that were not asked for yet. */
class MissingPart extends ArtifactError {
  readonly position: number;
  readonly length: number;

  constructor(position: number, length: number) {
    super("archive-unreadable", "The archive is larger than what is read of it");
    this.position = position;
    this.length = length;
  }
}

function partialSource(parts: readonly FilePart[]): ByteSource {
  const [{ size } = { size: 0 }] = parts;
  return {
    size,
    read(position, length) {
      if (position < 0 || position + length > size)
        throw new ArtifactError("archive-unreadable", "The file ends before the archive does");
      const part = parts.find(({ start, bytes }) => start <= position && position + length <= start + bytes.length);
      if (part === undefined) throw new MissingPart(position, length);
      return part.bytes.subarray(position - part.start, position - part.start + length);
    },
  };
}
