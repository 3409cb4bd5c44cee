import type { ByteRange, ByteSource, FilePart } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";
import { readOneMember, type WantedMember } from "./one-member.ts";

/** Gives a part of a file; nothing where its server gives no parts. */
export type ReadPart = (range: ByteRange) => Promise<FilePart | undefined>;

/** Holds the directory and `.dist-info` of most wheels, which are written last; no less than the longest end of a directory. */
const firstPart = 80 << 10;

/** Of wheels with a longer directory, `.dist-info` begins within so much before it. */
const beforeDirectory = 128 << 10;

/** Another part is asked for when something is missing: the rest of the directory, and the member. */
const mostParts = 4;
/** Times what the member may have inflated: parts are held in memory, of many wheels at once. */
const longestPart = 2;

/**
 * One member of a wheel that lies elsewhere, of which only the central directory and that member are read; nothing where no
 * parts are given. The archive is not hashed: this is as true as the server is.
 * @throws ArtifactError, and what `readPart` throws
 */
export async function readRemoteMember(wanted: WantedMember, readPart: ReadPart): Promise<Buffer | undefined> {
  const first = await readPart({ last: firstPart });
  if (first === undefined) return undefined;
  const parts = [first];
  for (;;) {
    try {
      return readOneMember(partialSource(parts), wanted);
    } catch (error) {
      if (!(error instanceof MissingPart) || parts.length >= mostParts || error.length > longestPart * wanted.maxBytes)
        throw error;
      const { position, length } = error;
      const isDirectory = position < first.start && position + length > first.start;
      const from = isDirectory ? Math.max(0, position - beforeDirectory) : position;
      const next = await readPart({ from, to: position + length - 1 });
      if (next === undefined || next.size !== first.size)
        throw new ArtifactError("artifact-changed", "The archive changed while it was read", { cause: error });
      parts.push(next);
    }
  }
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
