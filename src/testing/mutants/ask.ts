import type { Worker } from "node:worker_threads";
import type { MutantResult, MutantTask } from "./worker.ts";

/** What a worker says of a mutant; one that loops for ever says nothing in time. */
export function ask(worker: Worker, task: MutantTask, timeLimitMs: number): Promise<MutantResult | "timeout"> {
  const { promise, resolve, reject } = Promise.withResolvers<MutantResult | "timeout">();
  const timer = setTimeout(() => resolve("timeout"), timeLimitMs);
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.postMessage(task);
  return promise.finally(() => {
    clearTimeout(timer);
    worker.off("error", reject);
  });
}
