/** Lets at most `limit` calls be under way at once; the others wait, and begin in their order. One that fails ends none. */
export function takingTurns(limit: number): <T>(action: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (action) => {
    if (underWay === limit) await new Promise<void>((resolve) => void waiting.push(resolve));
    else underWay++;
    try {
      return await action();
    } finally {
      const next = waiting.shift();
      if (next === undefined) underWay--;
      else next();
    }
  };
}
