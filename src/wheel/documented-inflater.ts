import { Readable } from "node:stream";
import { createInflateRaw, inflateRawSync } from "node:zlib";

/** What inflater.ts does, by what Node.js documents: for a Node.js that has nothing else. */

/** As `Inflater.whole`. */
export function inflateOnce(data: Buffer, size: number): Buffer | undefined {
  // With room for one byte more than there should be, zlib ends in one step: a fifth faster than by growing.
  const options = { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1), info: true };
  try {
    const { buffer, engine } = inflateRawSync(data, options) as unknown as InflateInfo;
    return buffer.length === size && engine.bytesWritten === data.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

/** What zlib's `info` option returns; @types/node does not know it. */
interface InflateInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

const pieceLength = 1 << 20;

/** As `Inflater.pieces`. @param length of all data */
export async function* inflateAsStream(data: Iterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  const inflater = createInflateRaw({ chunkSize: pieceLength });
  const deflated = Readable.from(data, { highWaterMark: 1 });
  deflated.on("error", (error) => inflater.destroy(error));
  for await (const piece of deflated.pipe(inflater)) yield piece;
  if (inflater.bytesWritten !== length) throw new Error("Something follows the data");
}
