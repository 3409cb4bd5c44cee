/** Lets work wait while the engine waits for pages: its next questions come out of them, and files are needed only in the end. */
export interface PagesFirst {
  /** The engine waits for this page. */
  page<T>(reading: Promise<T>): Promise<T>;
  /** Does `work` once it waits for none. */
  after(work: () => void): void;
}

/** So soon after an answer the engine has asked what comes of it. */
const pauseMs = 3;

export function pagesFirst(): PagesFirst {
  let awaited = 0;
  const waiting: (() => void)[] = [];
  const goOn = () => {
    if (awaited > 0) return;
    for (const work of waiting.splice(0)) work();
  };
  const goOnSoon = () => void setTimeout(goOn, pauseMs);
  return {
    async page(reading) {
      awaited += 1;
      try {
        return await reading;
      } finally {
        awaited -= 1;
        goOnSoon();
      }
    },
    after(work) {
      waiting.push(work);
      goOnSoon();
    },
  };
}
