/** Bytes a second that a file must come with at least. A modem sends ten times as many. */
const leastRate = 100;

/** What came of a body while we waited for it. */
export interface Pace {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * Passes a body on as long as at least 100 bytes a second come, over each stretch of `windowMs` that is spent waiting. So a server that sends
 * a byte now and then keeps nobody for ever, while a large file may take hours: a limit on all of the time would be one on its length. What
 * whoever reads takes for itself does not count, and silence ends a body elsewhere.
 * @throws what `tooSlow` makes of the stretch in which less came
 */
export async function* atLeastRate(
  body: AsyncIterable<Buffer>,
  windowMs: number,
  tooSlow: (pace: Pace) => Error,
): AsyncGenerator<Buffer> {
  let [bytes, ms] = [0, 0];
  let since = performance.now();
  for await (const chunk of body) {
    ms += performance.now() - since;
    bytes += chunk.length;
    if (ms >= windowMs) {
      if (bytes < (leastRate * ms) / 1000) throw tooSlow({ bytes, ms });
      [bytes, ms] = [0, 0];
    }
    yield chunk;
    since = performance.now();
  }
}
