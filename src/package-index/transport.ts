import { setTimeout as sleep } from "node:timers/promises";
import { IndexError } from "../errors.ts";
import { backoff } from "./backoff.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Exchange, GetOptions, TransportResponse } from "./exchange.ts";
import { post, type Submission, type SubmissionAnswer } from "./post.ts";
import { followRedirects } from "./redirects.ts";
import { abortable } from "./request.ts";
import type { TransportOptions } from "./transport-options.ts";

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
