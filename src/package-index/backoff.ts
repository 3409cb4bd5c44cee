/** The longest that a server's Retry-After is obeyed. */
const maxRetryAfterMs = 20_000;
const firstBackoffMs = 250;
const maxBackoffMs = 4000;

/** Milliseconds to wait before the next attempt; `attempt` counts from 0. */
export function backoff(attempt: number): number {
  return Math.min(firstBackoffMs * 2 ** attempt, maxBackoffMs);
}

/**
 * Milliseconds that a server asks to wait (RFC 9110, 10.2.3: seconds, or a date), capped.
 * @param now milliseconds since 1970
 */
export function retryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== "string") return undefined;
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), maxRetryAfterMs);
}
