/** Something that is made anew when it has grown old. Each one is disposed when nobody uses it any more. */
export interface Renewed<Value> extends AsyncDisposable {
  /** Lends the current one for as long as `action` takes. @throws what `make` throws; it is asked again next time */
  use<Result>(action: (value: Value) => Promise<Result>): Promise<Result>;
  /** Makes the current one the last to be lent. */
  expire(): void;
}

interface Generation<Value> {
  readonly value: Promise<Value>;
  readonly madeAt: number;
  users: number;
  isCurrent: boolean;
  isDisposed: boolean;
}

/** @param now milliseconds */
export function renewed<Value extends AsyncDisposable>(
  make: () => Promise<Value>,
  maxAgeMs: number,
  now: () => number,
): Renewed<Value> {
  let current: Generation<Value> | undefined;

  return {
    async use(action) {
      // Also when the clock was set back: nobody knows then how old it is.
      if (current !== undefined && Math.abs(now() - current.madeAt) > maxAgeMs) retire();
      current ??= { value: make(), madeAt: now(), users: 0, isCurrent: true, isDisposed: false };
      const generation = current;
      generation.users++;
      try {
        return await action(await generation.value);
      } catch (error) {
        if (await isBroken(generation)) retire(generation);
        throw error;
      } finally {
        generation.users--;
        await disposeUnused(generation);
      }
    },
    expire: () => retire(),
    async [Symbol.asyncDispose]() {
      const last = current;
      retire();
      if (last !== undefined) await disposeUnused(last);
    },
  };

  function retire(generation = current): void {
    if (generation === undefined) return;
    generation.isCurrent = false;
    if (current === generation) current = undefined;
    disposeUnused(generation).catch(() => {});
  }
}

async function isBroken<Value>({ value }: Generation<Value>): Promise<boolean> {
  return value.then(
    () => false,
    () => true,
  );
}

async function disposeUnused<Value extends AsyncDisposable>(generation: Generation<Value>): Promise<void> {
  if (generation.isCurrent || generation.users > 0 || generation.isDisposed) return;
  generation.isDisposed = true;
  await generation.value.then(
    (value) => value[Symbol.asyncDispose](),
    () => {},
  );
}
