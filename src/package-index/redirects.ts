import { IndexError } from "../errors.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Exchange, TransportResponse } from "./exchange.ts";
import { discard, redirected, requestWithRetries, toResponse } from "./request.ts";
import { shown, withoutCredentials } from "./url.ts";

const maxRedirects = 10;

/** Redirects are followed by hand: each hop passes the gate, none leads from https to http, credentials stay home. */
export async function followRedirects(start: URL, exchange: Exchange): Promise<TransportResponse> {
  const { request, options } = exchange;
  checkUrl(start);
  if (!options.online) throw new IndexError("offline", `Cannot get ${shown(start)}: --offline opens no connection`);
  let url = start;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await requestWithRetries(url, exchange);
    if (!redirected.has(response.statusCode)) return await toResponse(response, url, exchange);
    await discard(response);
    const next = locationOf(response, url);
    checkUrl(next, url);
    await request.beforeHop?.(next);
    url = next;
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
  return withoutCredentials(url);
}

/** https only; http on this machine, where there is nobody in between, unless an https answer leads there. */
export function checkUrl(url: URL, from?: URL): void {
  if (url.protocol === "https:") return;
  if (url.protocol === "http:" && isLoopback(url.hostname) && from?.protocol !== "https:") return;
  const place = from === undefined ? shown(url) : `${shown(from)}, which redirects to ${shown(url)}`;
  throw new IndexError("insecure-url", `Cannot get ${place}: only https is taken, and http on this machine`);
}

/** URL has brought addresses into their one form. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}
