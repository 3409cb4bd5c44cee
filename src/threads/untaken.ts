/** How many items of a list are taken, in memory that all threads share. */
export type Taken = Int32Array<SharedArrayBuffer>;

export function nothingTaken(): Taken {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Takes one item after the other that no thread has taken. */
export function* untaken<Item>(items: readonly Item[], taken: Taken): Generator<Item> {
  for (let at = next(taken); at < items.length; at = next(taken)) yield items[at] as Item;
}

function next(taken: Taken): number {
  return Atomics.add(taken, 0, 1);
}
