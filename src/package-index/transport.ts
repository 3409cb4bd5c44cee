import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { IndexError, messageOf, TspipError } from "../errors.ts";

/** GET over HTTP, with limits on time, length and redirects. The one place that opens a connection out. */
export interface Transport extends AsyncDisposable {
  /**
   * Answers with status 200, 403, 404, 406 and 410 are the caller's to read; anything else is thrown.
   * @throws IndexError `offline`, `insecure-url`, `index-unreachable`, `too-many-redirects`
   */
  get(url: URL, options?: GetOptions): Promise<TransportResponse>;
  /** How often something that failed on the way is tried again. */
  readonly retries: number;
}

export interface GetOptions {
  readonly accept?: string;
  /** `identity` for artifacts, whose bytes are hashed as they are; pages may come compressed. */
  readonly encoding?: "identity" | "gzip, deflate, br";
  /** Called before each redirect is followed; what it throws ends the request. */
  readonly beforeHop?: (url: URL) => Promise<void>;
}

export interface TransportResponse {
  readonly status: number;
  /** Where the answer came from, behind all redirects. */
  readonly url: URL;
  header(name: string): string | undefined;
  /** Fails with IndexError `index-unreachable` when the connection breaks. */
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
  /** `Authorization` by origin; sent nowhere else. */
  readonly credentials?: ReadonlyMap<string, string>;
  readonly proxies?: { readonly http?: string; readonly https?: string; readonly none?: string };
  readonly userAgent: string;
  readonly signal?: AbortSignal;
}

const maxRedirects = 10;
/** The longest that a server's Retry-After is obeyed. */
const maxRetryAfterMs = 20_000;
const answered: ReadonlySet<number> = new Set([200, 403, 404, 406, 410]);
const redirected: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const transient: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

export function createTransport(options: TransportOptions): Transport {
  // Made at the first request: loading undici and certificates takes longer than a command that needs neither.
  let dispatcher: Promise<Dispatcher> | undefined;
  const connect = () => {
    dispatcher ??= import("./dispatcher.ts").then(({ createDispatcher }) => createDispatcher(options));
    return dispatcher;
  };
  return {
    retries: options.retries,
    get: (url, request = {}) => followRedirects(url, request, connect, options),
    async [Symbol.asyncDispose]() {
      await (await dispatcher)?.destroy();
    },
  };
}

/** Redirects are followed by hand: each hop passes the gate, none leads from https to http, credentials stay home. */
async function followRedirects(
  start: URL,
  request: GetOptions,
  connect: () => Promise<Dispatcher>,
  options: TransportOptions,
): Promise<TransportResponse> {
  let url = start;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    checkUrl(url, start);
    if (!options.online) throw new IndexError("offline", `Cannot get ${shown(url)}: --offline opens no connection`);
    if (hops > 0) await request.beforeHop?.(url);
    const response = await requestWithRetries(url, request, await connect(), options);
    if (!redirected.has(response.statusCode)) return toResponse(response, url);
    await response.body.dump();
    url = locationOf(response, url);
  }
  throw new IndexError(
    "too-many-redirects",
    `Cannot get ${shown(start)}: it redirects more than ${maxRedirects} times`,
  );
}

function locationOf({ headers, statusCode }: Dispatcher.ResponseData, from: URL): URL {
  const location = headers.location;
  const url = typeof location === "string" ? URL.parse(location, from.href) : null;
  if (url === null)
    throw new IndexError("index-answer-invalid", `${shown(from)} answers ${statusCode} without a usable Location`);
  return url;
}

/** https only; http on this machine, where there is nobody in between. */
function checkUrl(url: URL, start: URL): void {
  if (url.protocol === "https:") return;
  if (url.protocol === "http:" && isLoopback(url.hostname) && (url === start || start.protocol === "http:")) return;
  const place = url === start ? shown(url) : `${shown(start)}, which redirects to ${shown(url)}`;
  throw new IndexError("insecure-url", `Cannot get ${place}: only https is taken, and http on this machine`);
}

function isLoopback(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, "");
  return address === "localhost" || address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

async function requestWithRetries(
  url: URL,
  request: GetOptions,
  dispatcher: Dispatcher,
  options: TransportOptions,
): Promise<Dispatcher.ResponseData> {
  for (let attempt = 0; ; attempt++) {
    const isLast = attempt >= options.retries;
    try {
      const response = await requestOnce(url, request, dispatcher, options);
      const { statusCode } = response;
      if (answered.has(statusCode) || redirected.has(statusCode)) return response;
      await response.body.dump();
      if (isLast || !transient.has(statusCode))
        throw new IndexError("index-unreachable", `${shown(url)} answers with HTTP status ${statusCode}`);
      await sleep(waitFor(response, attempt), undefined, abortable(options));
    } catch (error) {
      if (error instanceof TspipError || options.signal?.aborted) throw error;
      if (isLast)
        throw new IndexError("index-unreachable", `Cannot reach ${shown(url)}: ${reasonOf(error)}`, { cause: error });
      await sleep(backoff(attempt), undefined, abortable(options));
    }
  }
}

function requestOnce(
  url: URL,
  { accept = "*/*", encoding = "identity" }: GetOptions,
  dispatcher: Dispatcher,
  options: TransportOptions,
) {
  const authorization = options.credentials?.get(url.origin);
  return dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: "GET",
    headers: {
      accept,
      "accept-encoding": encoding,
      "user-agent": options.userAgent,
      ...(authorization !== undefined && { authorization }),
    },
    ...abortable(options),
  });
}

function abortable({ signal }: TransportOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function waitFor({ headers }: Dispatcher.ResponseData, attempt: number): number {
  const seconds = Number(headers["retry-after"]);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, maxRetryAfterMs) : backoff(attempt);
}

function backoff(attempt: number): number {
  return Math.min(250 * 2 ** attempt, 4000);
}

function toResponse({ statusCode, headers, body }: Dispatcher.ResponseData, url: URL): TransportResponse {
  return {
    status: statusCode,
    url,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: readable(body, url),
  };
}

async function* readable(body: AsyncIterable<Buffer>, url: URL): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    throw new IndexError("index-unreachable", `The answer of ${shown(url)} broke off: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Several addresses that were tried are an AggregateError with an empty message of its own. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return messageOf(first) || String((first as NodeJS.ErrnoException)?.code ?? first);
}

/** A URL as messages show it: its query and fragment may hold secrets. */
export function shown(url: URL): string {
  return url.origin === "null" ? url.href : url.origin + url.pathname;
}
