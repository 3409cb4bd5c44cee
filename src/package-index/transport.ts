import { setTimeout as sleep } from "node:timers/promises";
import { IndexError } from "../errors.ts";
import { backoff } from "./backoff.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { PinnedAuthorities } from "./pinned-authorities.ts";
import { post, type Submission, type SubmissionAnswer } from "./post.ts";
import { followRedirects } from "./redirects.ts";
import { abortable, type Exchange } from "./request.ts";

/** GET and POST over HTTP, with limits on time, length and redirects. The one place that opens a connection out. */
export interface Transport extends AsyncDisposable {
  /**
   * Answers with status 200, 403, 404, 406 and 410, and 206 and 416 to a range, are the caller's to judge; anything else is thrown. What can pass
   * (no connection, status 429 or 5xx) is tried again first.
   * @throws IndexError `offline`, `insecure-url`, `index-unreachable`, `index-answer-invalid`, `too-many-redirects`,
   * `too-slow`
   */
  get(url: URL, options?: GetOptions): Promise<TransportResponse>;
  /** See post.ts. @throws IndexError */
  post(url: URL, submission: Submission): Promise<SubmissionAnswer>;
  /** Runs `attempt`, which gets and reads, once more for each time that the answer breaks off in the middle. */
  repeat<T>(attempt: () => Promise<T>): Promise<T>;
  /** Loads what requests take, for whoever has time before the first. Opens no connection. */
  prepare(): void;
  /** How long a whole document may take, as `totalMs`: a server that sends a byte now and then is never silent. */
  readonly documentMs: number;
}

export type ByteRange = { readonly from: number; readonly to: number } | { readonly last: number };

export interface GetOptions {
  readonly accept?: string;
  /** `identity` for artifacts, whose bytes are hashed as they are; pages may come compressed. */
  readonly encoding?: "identity" | "gzip, deflate, br";
  /** Bytes from the first to the last, or so many at the end (RFC 9110, section 14). A server may answer with all. */
  readonly range?: ByteRange;
  /** For the whole answer, redirects and retries included. Without it only silence ends an answer. */
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

export interface TransportOptions {
  /** Without it no connection is opened. */
  readonly online: boolean;
  /** For connecting, for the headers, and for each silence in a body. */
  readonly timeoutMs: number;
  readonly retries: number;
  /** Certificate authorities besides Node's own, as PEM. */
  readonly ca?: string;
  /** Authorities of which one must have signed a host's certificate. */
  readonly authorities?: PinnedAuthorities;
  /** Our own certificate and its key, as PEM. */
  readonly clientCert?: string;
  /** `Authorization` by origin; sent nowhere else. */
  readonly credentials?: ReadonlyMap<string, string>;
  readonly proxies?: { readonly http?: string; readonly https?: string; readonly none?: string };
  readonly userAgent: string;
  readonly signal?: AbortSignal;
}

export function createTransport(given: TransportOptions): Transport {
  const closing = new AbortController();
  const signals = [closing.signal, ...(given.signal === undefined ? [] : [given.signal])];
  const options = { ...given, signal: AbortSignal.any(signals) };
  // Made at the first request: loading undici and certificates takes longer than a command that needs neither.
  let dispatcher: Promise<Dispatcher> | undefined;
  const connect = () => {
    dispatcher ??= import("./dispatcher.ts").then(({ createDispatcher }) => createDispatcher(options));
    return dispatcher;
  };
  return {
    get: (url, request = {}) => followRedirects(url, { request, options, connect, ...signalsOf(request, options) }),
    post: (url, submission) => post(url, submission, options, connect),
    repeat: (attempt) => repeatBroken(attempt, options),
    prepare() {
      // What is wrong with it, the first request says.
      if (options.online) connect().catch(() => {});
    },
    documentMs: silencesOfDocument * options.timeoutMs,
    async [Symbol.asyncDispose]() {
      // Whoever waits to try again would hold the process.
      closing.abort();
      // One that could not be made has failed every request already.
      await (await dispatcher?.catch(() => undefined))?.destroy();
    },
  };
}

/** A whole document may take as long as so many silences: five minutes by default. */
const silencesOfDocument = 20;

function signalsOf({ totalMs }: GetOptions, { signal }: TransportOptions): Pick<Exchange, "signal" | "deadline"> {
  if (totalMs === undefined) return signal === undefined ? {} : { signal };
  const deadline = AbortSignal.timeout(totalMs);
  return { deadline, signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]) };
}

async function repeatBroken<T>(attempt: () => Promise<T>, options: TransportOptions): Promise<T> {
  for (let count = 0; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      const isBroken = error instanceof IndexError && error.code === "answer-broken";
      if (!isBroken || count >= options.retries) throw error;
      await sleep(backoff(count), undefined, abortable(options));
    }
  }
}
