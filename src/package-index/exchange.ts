import type { ByteRange } from "../distribution/byte-source.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { TransportOptions } from "./transport-options.ts";

export interface GetOptions {
  readonly accept?: string;
  /** `identity` for artifacts, whose bytes are hashed as they are; pages may come compressed. */
  readonly encoding?: "identity" | "gzip, deflate, br";
  /** A server may answer with all. */
  readonly range?: ByteRange;
  /** For the whole answer, redirects and retries included. Without it silence ends an answer, and less than least-rate.ts asks for. */
  readonly totalMs?: number;
  /** Called before each redirect is followed; what it throws ends the request. */
  readonly beforeHop?: (url: URL) => Promise<void>;
}

export interface TransportResponse {
  readonly status: number;
  /** Where the answer came from, behind all redirects. */
  readonly url: URL;
  header(name: string): string | undefined;
  /**
   * Empty unless the status is 200, or 206 for a range. To be read or left at once: until then it holds its connection.
   * Fails with IndexError `answer-broken` when the connection breaks, `too-slow` when the time is up.
   */
  readonly body: AsyncIterable<Buffer>;
}

/** One `get`, with what all its requests share. */
export interface Exchange {
  readonly request: GetOptions;
  readonly options: TransportOptions;
  readonly connect: () => Promise<Dispatcher>;
  /** Fires when the caller gives up, or the time is up. */
  readonly signal?: AbortSignal;
  readonly deadline?: AbortSignal;
}
