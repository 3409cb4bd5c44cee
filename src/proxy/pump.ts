import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A client that reads more slowly than this, in bytes per second, does not want the file. */
const slowest = 16 << 10;
/** What a short answer may take. */
const leastMs = 120_000;

/**
 * Sends `chunks` as the client takes them, for a bounded time. A client that goes away, one that is too slow, and chunks
 * that fail end the connection: it has fewer bytes than it was told then.
 */
export async function pump(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  response: ServerResponse,
  size: number,
): Promise<void> {
  const late = setTimeout(() => response.destroy(), leastMs + (size / slowest) * 1000);
  await pipeline(Readable.from(chunks, { highWaterMark: 1 }), response).catch(() => {});
  clearTimeout(late);
}
