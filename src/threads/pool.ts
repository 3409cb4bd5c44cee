import { basename } from "node:path";
import { parentPort, type Worker } from "node:worker_threads";
import {
  ArtifactError,
  AttestationError,
  EnvironmentError,
  IndexError,
  messageOf,
  PolicyFileError,
  SignatureError,
  TrustError,
  TspipError,
  UsageError,
} from "../errors.ts";
import { startOwnThread } from "../own-file.ts";

/** Threads that all do the same kind of task. Disposing ends them, and fails what they were asked. */
export interface Pool<Task, Result> extends AsyncDisposable {
  /** Rejects with what the task threw; errors of ours keep their class, code and hint. */
  run(task: Task): Promise<Result>;
  /**
   * As `run`; up to `most` threads that have nothing else to do work at the task, until one of them has nothing left to do
   * of it. What each takes of it is theirs to agree upon.
   * @returns the parts of the result, one for each thread
   */
  share(task: Task, most: number): Promise<Result[]>;
}

type Answer<Result> = { readonly result: Result } | { readonly error: PlainError };

/** An error as it crosses between threads, where classes are lost. */
interface PlainError {
  readonly family: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/**
 * Buffers of inflated members are freed when young objects are collected; left to itself, each thread would let nearly
 * 50 MB of those come together first.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 6 };

/**
 * Starts `size` threads that run `script`, which calls `serve`. A task goes to the first thread that is free, so the
 * caller hands over large tasks first. When a thread dies, its error is that of its task, of all that wait and of
 * all that come.
 */
export function createPool<Task, Result>(script: URL, size: number): Pool<Task, Result> {
  const workers = Array.from({ length: size }, () => startOwnThread(script, { resourceLimits }));
  const idle = [...workers];
  const waiting: PromiseWithResolvers<Worker>[] = [];
  /** Tasks that a thread may join in. */
  const shared = new Set<(worker: Worker) => void>();
  let death: { readonly error: unknown } | undefined;
  const die = (error: unknown) => {
    death ??= { error };
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  for (const worker of workers) worker.on("error", die);
  const free = (): Worker | Promise<Worker> => {
    if (death !== undefined) throw death.error;
    const worker = idle.pop();
    if (worker !== undefined) return worker;
    const next = Promise.withResolvers<Worker>();
    waiting.push(next);
    return next.promise;
  };
  const release = (worker: Worker) => {
    const next = waiting.shift();
    const [join] = shared;
    if (next !== undefined) next.resolve(worker);
    else if (join !== undefined) join(worker);
    else idle.push(worker);
  };
  const work = async (worker: Worker, task: Task, onEnd = () => {}): Promise<Result> => {
    const answer = await ask<Task, Result>(worker, task).finally(onEnd);
    release(worker);
    if ("error" in answer) throw revived(answer.error);
    return answer.result;
  };
  return {
    run: async (task) => work(await free(), task),
    async share(task, most) {
      const parts: Promise<Result>[] = [];
      const join = (worker: Worker) => {
        const part = work(worker, task, () => void shared.delete(join));
        // Whoever waits for all of them is told.
        part.catch(() => {});
        if (parts.push(part) === most) shared.delete(join);
      };
      const first = await free();
      shared.add(join);
      join(first);
      for (const worker of idle.splice(0, most - 1)) join(worker);
      await parts[0]?.catch(() => {});
      // Nobody joins any more.
      await Promise.allSettled(parts);
      return Promise.all(parts);
    },
    async [Symbol.asyncDispose]() {
      die(hasEnded());
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function hasEnded(): Error {
  return new Error("The thread has ended");
}

/** Threads that all work at every task; what each of them takes of it is theirs to agree upon. */
export interface Team<Task, Result> extends AsyncDisposable {
  /** The parts of the result, one for each thread. Tasks are worked at in their order. */
  run(task: Task): Promise<Result[]>;
}

/** Starts `size` threads that run `script`, which calls `serve`. */
export function createTeam<Task, Result>(script: URL, size: number): Team<Task, Result> {
  const threads = Array.from({ length: size }, () => startThread<Task, Result>(script));
  return {
    run: (task) => Promise.all(threads.map((thread) => thread.run(task))),
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map((thread) => thread[Symbol.asyncDispose]()));
    },
  };
}

/** One thread, which answers in order. Once it has ended by itself, its tasks reject. */
function startThread<Task, Result>(script: URL): Omit<Pool<Task, Result>, "share"> {
  const worker = startOwnThread(script);
  const asked: PromiseWithResolvers<Answer<Result>>[] = [];
  let end: Error | undefined;
  const endWith = (error: Error) => {
    end ??= error;
    for (const { reject } of asked.splice(0)) reject(end);
  };
  worker.on("message", (answer: Answer<Result>) => asked.shift()?.resolve(answer));
  worker.on("error", endWith);
  worker.on("exit", () => endWith(hasEnded()));
  return {
    async run(task) {
      if (end !== undefined) throw end;
      const next = Promise.withResolvers<Answer<Result>>();
      asked.push(next);
      worker.postMessage(task);
      const answer = await next.promise;
      if ("error" in answer) throw revived(answer.error);
      return answer.result;
    },
    async [Symbol.asyncDispose]() {
      // Nobody waits for them any more.
      asked.length = 0;
      await worker.terminate();
    },
  };
}

function ask<Task, Result>(worker: Worker, task: Task): Promise<Answer<Result>> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      outcome();
    };
    const onMessage = (answer: Answer<Result>) => settle(() => resolve(answer));
    const onError = (error: unknown) => settle(() => reject(error));
    const onExit = () => settle(() => reject(hasEnded()));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(task);
  });
}

/** In a thread: answers every task with what `handle` makes of it. */
export function serve<Task, Result>(handle: (task: Task) => Promise<Result>): void {
  parentPort?.on("message", (task: Task) => {
    handle(task).then(
      (result) => parentPort?.postMessage({ result }),
      (error: unknown) => parentPort?.postMessage({ error: plain(error) }),
    );
  });
}

function plain(error: unknown): PlainError {
  if (error instanceof TspipError) {
    return { family: error.name, code: error.code, message: error.message, hint: error.hint };
  }
  const code = (error as NodeJS.ErrnoException)?.code ?? "";
  return { family: "", code, message: messageOf(error), hint: undefined };
}

const families: Readonly<Record<string, typeof TspipError>> = {
  ArtifactError,
  AttestationError,
  EnvironmentError,
  IndexError,
  PolicyFileError,
  SignatureError,
  TrustError,
  UsageError,
};

function revived({ family, code, message, hint }: PlainError): Error {
  const Family = families[family];
  if (Family === undefined) return Object.assign(new Error(message), { code });
  return new Family(code, message, hint === undefined ? {} : { hint });
}

/**
 * The script of a thread: a source file by its path from the module that asks, or, in the bundle, the entry of that
 * name (src/build.mjs).
 * @param path without an ending
 */
export function threadScript(path: string, beside: string): URL {
  return new URL(beside.endsWith(".ts") ? `${path}.ts` : `./${basename(path)}.cjs`, beside);
}
