/** How many items of a list are taken, in memory that all threads share. */
export type Taken = Int32Array<SharedArrayBuffer>;

export function nothingTaken(): Taken {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** More than there are of anything, with room for threads that count on. */
const all = 1 << 30;

/** Leaves no item to any thread. */
export function takeRest(taken: Taken): void {
  Atomics.store(taken, 0, all);
}

/** Takes one item after the other that no thread has taken. @returns their places in a list of `count` */
export function* untaken(count: number, taken: Taken): Generator<number> {
  for (let at = next(taken); at < count; at = next(taken)) yield at;
}

function next(taken: Taken): number {
  return Atomics.add(taken, 0, 1);
}
