import type { Thread } from "./pool.ts";

/** Tasks that a thread and this one work at together. */
export interface SharedWork<Task, Result> {
  run(task: Task): Promise<Result>;
}

/** So many tasks lie in the thread, so that it has work while this one is busy; more would keep this one waiting at the end. */
const mostAhead = 4;

/**
 * The thread gets as many tasks as it keeps up with, and of those that are left this one does one in each turn of the
 * event loop. What the thread cannot do, because it fails or has ended, is done here: the thread decides nothing that is not
 * decided here in the same way.
 */
export function shareWork<Task, Result>(
  thread: Pick<Thread<Task, Result>, "run" | "waiting">,
  doHere: (task: Task) => Result,
): SharedWork<Task, Result> {
  const left: { readonly task: Task; readonly answer: PromiseWithResolvers<Result> }[] = [];
  let isHelping = false;

  const feed = () => {
    while (thread.waiting < mostAhead) {
      const next = left.shift();
      if (next === undefined) return;
      const result = thread.run(next.task).catch(() => doHere(next.task));
      result.then(next.answer.resolve, next.answer.reject).then(feed);
    }
    if (left.length > 0 && !isHelping) {
      isHelping = true;
      setImmediate(help);
    }
  };
  const help = () => {
    isHelping = false;
    const next = left.shift();
    if (next !== undefined) next.answer.resolve(new Promise((resolve) => resolve(doHere(next.task))));
    feed();
  };
  return {
    run(task) {
      const answer = Promise.withResolvers<Result>();
      left.push({ task, answer });
      feed();
      return answer.promise;
    },
  };
}
