import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { IndexError, messageOf, TspipError } from "../errors.ts";
import { backoff, retryAfter } from "./backoff.ts";
import { shown } from "./shown.ts";
import type { GetOptions, TransportOptions, TransportResponse } from "./transport.ts";

/** One `get`, with what all its requests share. */
export interface Exchange {
  readonly request: GetOptions;
  readonly options: TransportOptions;
  readonly connect: () => Promise<Dispatcher>;
  /** Fires when the caller gives up, or the time is up. */
  readonly signal?: AbortSignal;
  readonly deadline?: AbortSignal;
}

/** What is read of an answer that nobody wants, to keep its connection; a longer one costs the connection. */
const maxUnwanted = { bytes: 64 << 10, ms: 2000 };
const answered: ReadonlySet<number> = new Set([200, 403, 404, 406, 410]);
export const redirected: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const transient: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** One URL, without following where its answer leads; what can pass is tried again. */
export async function requestWithRetries(url: URL, exchange: Exchange): Promise<Dispatcher.ResponseData> {
  const { retries } = exchange.options;
  for (let attempt = 0; ; attempt++) {
    const isLast = attempt >= retries;
    try {
      const response = await requestOnce(url, exchange);
      const { statusCode, headers } = response;
      if (answered.has(statusCode) || redirected.has(statusCode)) return response;
      await discard(response);
      if (isLast || !transient.has(statusCode)) throw badStatus(statusCode, url);
      await sleep(retryAfter(headers["retry-after"], Date.now()) ?? backoff(attempt), undefined, abortable(exchange));
    } catch (error) {
      if (error instanceof TspipError) throw error;
      if (exchange.signal?.aborted) throw givenUp(error, url, exchange);
      if (isLast)
        throw new IndexError("index-unreachable", `Cannot reach ${shown(url)}: ${reasonOf(error)}`, { cause: error });
      await sleep(backoff(attempt), undefined, abortable(exchange)).catch((abort) => {
        throw givenUp(abort, url, exchange);
      });
    }
  }
}

async function requestOnce(url: URL, exchange: Exchange): Promise<Dispatcher.ResponseData> {
  const { accept = "*/*", encoding = "identity" } = exchange.request;
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
      ...(authorization !== undefined && { authorization }),
    },
    ...abortable(exchange),
  });
}

export function abortable({ signal }: Pick<Exchange, "signal">): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function badStatus(status: number, url: URL): IndexError {
  const hint = status === 401 ? { hint: "Put user name and password into the URL of the index" } : {};
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
  const { statusCode, headers, body } = response;
  if (statusCode !== 200) await discard(response);
  return {
    status: statusCode,
    url,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: statusCode === 200 ? readable(body, url, exchange) : nothing(),
  };
}

async function* nothing(): AsyncGenerator<Buffer> {}

async function* readable(body: AsyncIterable<Buffer>, url: URL, exchange: Exchange): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    if (exchange.signal?.aborted) throw givenUp(error, url, exchange);
    throw new IndexError("answer-broken", `The answer of ${shown(url)} broke off: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Frees the connection of an answer that nobody reads. How that goes is of no interest. */
export async function discard({ body }: Dispatcher.ResponseData): Promise<void> {
  await body.dump({ limit: maxUnwanted.bytes, signal: AbortSignal.timeout(maxUnwanted.ms) }).catch(() => {});
}

/** Several addresses that were tried are an AggregateError with an empty message of its own. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return messageOf(first) || String((first as NodeJS.ErrnoException)?.code ?? first);
}
