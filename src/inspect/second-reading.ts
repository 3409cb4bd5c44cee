import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { fromRandomAccessReaderPromise, RandomAccessReader } from "yauzl";
import type { ByteSource } from "../distribution/byte-source.ts";
import { messageOf } from "../errors.ts";
import type { Archive } from "../wheel/archive.ts";

/**
 * Reads an archive by yauzl as well, which shares no code with ours: it has to find the same members, with the same bytes.
 * @returns how the two readings differ; nothing when they do not
 */
export async function differenceOfReadings(archive: Archive, bytes: ByteSource): Promise<string | undefined> {
  const own = await digestsOf(archive.entries.map((entry) => [entry.path, archive.chunks(entry)]));
  try {
    return firstDifference(own, await digestsOf(yauzlMembers(bytes)));
  } catch (error) {
    return `tspip reads the archive, yauzl does not: ${messageOf(error)}`;
  }
}

type Member = readonly [path: string, content: AsyncIterable<Uint8Array>];

/** SHA-256 of each member, by path. */
async function digestsOf(members: Iterable<Member> | AsyncIterable<Member>): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for await (const [path, content] of members) {
    const hash = createHash("sha256");
    for await (const chunk of content) hash.update(chunk);
    digests.set(path, hash.digest("hex"));
  }
  return digests;
}

async function* yauzlMembers(bytes: ByteSource): AsyncGenerator<Member> {
  const zip = await fromRandomAccessReaderPromise(new SourceReader(bytes), bytes.size, { lazyEntries: true });
  for await (const entry of zip.eachEntry())
    if (!entry.fileName.endsWith("/")) yield [entry.fileName, await zip.openReadStreamPromise(entry)];
}

function firstDifference(own: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): string | undefined {
  for (const [path, digest] of own) {
    if (!theirs.has(path)) return `tspip finds a member "${path}", yauzl does not`;
    if (theirs.get(path) !== digest) return `tspip and yauzl read different bytes as the member "${path}"`;
  }
  const more = [...theirs.keys()].find((path) => !own.has(path));
  return more === undefined ? undefined : `yauzl finds a member "${more}", tspip does not`;
}

const pieceLength = 1 << 20;

class SourceReader extends RandomAccessReader {
  private readonly source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.pieces(start, end));
  }

  private *pieces(start: number, end: number): Generator<Buffer> {
    for (let at = start; at < end; at += pieceLength) yield this.source.read(at, Math.min(pieceLength, end - at));
  }
}
