/** Maps with at most `limit` calls under way; results in order. The first failure is thrown after no new call starts. */
export async function concurrently<T, R>(
  items: readonly T[],
  limit: number,
  action: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const queue = entriesOf(items);
  const worker = async () => {
    for (const [at, item] of queue) results[at] = await action(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** A generator ends for everybody who takes from it when a loop over it is left, as by a failure. */
function* entriesOf<T>(items: readonly T[]): Generator<[at: number, item: T]> {
  yield* items.entries();
}
