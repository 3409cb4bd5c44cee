import type { Worker } from "node:worker_threads";
import type { MutantResult, MutantTask } from "./worker.ts";

/** What a mutant that loops for ever makes may take all memory of the machine long before its time is over. */
const maxGrowth = 2 * 2 ** 30;

/** What a worker says of a mutant; one that loops for ever says nothing. */
export function ask(worker: Worker, task: MutantTask, timeLimitMs: number): Promise<MutantResult | "endless"> {
  const { promise, resolve, reject } = Promise.withResolvers<MutantResult | "endless">();
  const deadline = performance.now() + timeLimitMs;
  const maxRss = process.memoryUsage.rss() + maxGrowth;
  const watch = setInterval(() => {
    if (performance.now() > deadline || process.memoryUsage.rss() > maxRss) resolve("endless");
  }, 100);
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.postMessage(task);
  return promise.finally(() => {
    clearInterval(watch);
    worker.off("error", reject);
  });
}
