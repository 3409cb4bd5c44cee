import { setTimeout as sleep } from "node:timers/promises";
import { IndexError, messageOf } from "../errors.ts";
import { backoff, retryAfter } from "./backoff.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Exchange, TransportResponse } from "./exchange.ts";
import { atLeastRate, type Pace } from "./least-rate.ts";
import { shown } from "./url.ts";

/** What is read of an answer that nobody wants, to keep its connection; a longer one costs the connection. */
const maxUnwanted = { bytes: 64 << 10, ms: 2000 };
/** So many silences, a minute by default, are the stretch of time over which a file must not come too slowly. */
const silencesOfStretch = 4;
const answered: ReadonlySet<number> = new Set([200, 403, 404, 406, 410]);
const answeredToRange: ReadonlySet<number> = new Set([...answered, 206, 416]);
export const redirected: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const transient: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** One URL, without following where its answer leads; what can pass is tried again. */
export async function requestWithRetries(url: URL, exchange: Exchange): Promise<Dispatcher.ResponseData> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await tryOnce(url, exchange);
    if (!("error" in outcome)) return outcome;
    const { error, canPass, waitMs = backoff(attempt) } = outcome;
    if (!canPass || attempt >= exchange.options.retries) throw error;
    await sleep(waitMs, undefined, abortable(exchange)).catch((abort) => {
      throw givenUp(abort, url, exchange);
    });
  }
}

interface Failure {
  readonly error: IndexError;
  readonly canPass: boolean;
  /** What the server asks for. */
  readonly waitMs?: number;
}

async function tryOnce(url: URL, exchange: Exchange): Promise<Dispatcher.ResponseData | Failure> {
  let response: Dispatcher.ResponseData;
  try {
    response = await requestOnce(url, exchange);
  } catch (error) {
    if (exchange.signal?.aborted) throw givenUp(error, url, exchange);
    // Nothing that passes: the server's certificate is not by whom it has to be.
    if (error instanceof IndexError) return { error, canPass: false };
    const message = `Cannot reach ${shown(url)}: ${reasonOf(error)}`;
    return { error: new IndexError("index-unreachable", message, { cause: error }), canPass: true };
  }
  const { statusCode, headers } = response;
  const { range } = exchange.request;
  if ((range === undefined ? answered : answeredToRange).has(statusCode) || redirected.has(statusCode)) return response;
  await discard(response);
  const waitMs = retryAfter(headers["retry-after"], Date.now());
  const failure = { error: badStatus(statusCode, url), canPass: transient.has(statusCode) };
  return waitMs === undefined ? failure : { ...failure, waitMs };
}

async function requestOnce(url: URL, exchange: Exchange): Promise<Dispatcher.ResponseData> {
  const { accept = "*/*", encoding = "identity", range } = exchange.request;
  const { credentials, userAgent } = exchange.options;
  const authorization = credentials?.get(url.origin);
  const dispatcher = await exchange.connect();
  return await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: "GET",
    headers: {
      accept,
      "accept-encoding": encoding,
      "user-agent": userAgent,
      ...(range && { range: "last" in range ? `bytes=-${range.last}` : `bytes=${range.from}-${range.to}` }),
      ...(authorization !== undefined && { authorization }),
    },
    ...abortable(exchange),
  });
}

export function abortable({ signal }: Pick<Exchange, "signal">): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function badStatus(status: number, url: URL): IndexError {
  const hint =
    status === 401 ? { hint: "Put the user name and password into .netrc, or into the URL of the index" } : {};
  return new IndexError("index-unreachable", `${shown(url)} answers with HTTP status ${status}`, hint);
}

/** When the caller gave up, that is the answer; when the time is up, an error that nobody repeats. */
function givenUp(error: unknown, url: URL, { deadline, request }: Exchange): unknown {
  if (!deadline?.aborted) return error;
  const message = `The answer of ${shown(url)} takes longer than ${(request.totalMs ?? 0) / 1000} seconds`;
  return new IndexError("too-slow", message, { cause: error });
}

/** What the caller of `get` sees. */
export async function toResponse(
  response: Dispatcher.ResponseData,
  url: URL,
  exchange: Exchange,
): Promise<TransportResponse> {
  const { statusCode, headers } = response;
  const hasBody = statusCode === 200 || statusCode === 206;
  if (!hasBody) await discard(response);
  return {
    status: statusCode,
    url,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: hasBody ? readable(response, url, exchange) : nothing(),
  };
}

async function* nothing(): AsyncGenerator<Buffer> {}

async function* readable(response: Dispatcher.ResponseData, url: URL, exchange: Exchange): AsyncGenerator<Buffer> {
  const declared = Number(response.headers["content-length"] ?? 0);
  let length = 0;
  const body: AsyncIterable<Buffer> = response.body;
  const pace = (came: Pace) => tooSlow(url, came);
  const { request, options } = exchange;
  try {
    for await (const chunk of request.totalMs === undefined
      ? atLeastRate(body, silencesOfStretch * options.timeoutMs, pace)
      : body) {
      length += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (exchange.signal?.aborted) throw givenUp(error, url, exchange);
    if (error instanceof IndexError) throw error;
    throw broken(url, reasonOf(error), error);
  }
  // Over HTTP/2 an answer can end early without an error.
  if (length < declared) throw broken(url, `${length} of ${declared} bytes came`);
}

function tooSlow(url: URL, { bytes, ms }: Pace): IndexError {
  const message = `The answer of ${shown(url)} comes too slowly: ${bytes} bytes in ${Math.round(ms / 1000)} seconds`;
  return new IndexError("too-slow", message, { hint: "Try a longer --timeout" });
}

/** What `Transport.repeat` asks again for. */
export function broken(url: URL, reason: string, cause?: unknown): IndexError {
  return new IndexError("answer-broken", `The answer of ${shown(url)} broke off: ${reason}`, { cause });
}

/** Frees the connection of an answer that nobody reads. How that goes is of no interest. */
export async function discard({ body }: Dispatcher.ResponseData): Promise<void> {
  await body.dump({ limit: maxUnwanted.bytes, signal: AbortSignal.timeout(maxUnwanted.ms) }).catch(() => {});
}

/** Several addresses that were tried are an AggregateError with an empty message of its own. */
export function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return messageOf(first) || String((first as NodeJS.ErrnoException)?.code ?? first);
}
