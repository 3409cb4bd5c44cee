import type { ServerResponse } from "node:http";

/** A client that reads more slowly than this, in bytes per second, does not want the file. */
const slowest = 16 << 10;
/** What a short answer may take. */
const leastMs = 120_000;

/**
 * Sends `chunks` as the client takes them, for a bounded time. A client that goes away, one that is too slow, and chunks
 * that fail end the connection: it has fewer bytes than it was told then. The next chunk is asked for when the one before
 * is with the system, so that all may be in one buffer.
 */
export async function pump(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  response: ServerResponse,
  size: number,
): Promise<void> {
  const late = setTimeout(() => response.destroy(), leastMs + (size / slowest) * 1000);
  try {
    for await (const chunk of chunks) await taken(chunk, response);
    response.end();
  } catch {
    response.destroy();
  } finally {
    clearTimeout(late);
  }
}

/** @throws when the connection has ended */
async function taken(chunk: Buffer, response: ServerResponse): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const gone = () => reject(new Error("The client has gone away"));
  if (response.destroyed) gone();
  response.once("close", gone);
  response.write(chunk, (error) => (error ? reject(error) : resolve()));
  await promise.finally(() => response.off("close", gone));
}
