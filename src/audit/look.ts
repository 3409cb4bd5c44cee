import { readIfRegular } from "../environment/read-file.ts";
import { createPool, threadScript } from "../threads/pool.ts";
import { type CompiledState, type CompiledTask, compareCompiled } from "./compiled/compiled-state.ts";
import { type RecordedState, type RecordedTask, stateOf } from "./recorded-state.ts";

/** What a thread does at once: files of one kind, answered in order. */
export type LookTask =
  | { readonly kind: "recorded"; readonly files: readonly RecordedTask[] }
  | { readonly kind: "compiled"; readonly files: readonly CompiledTask[] };

/** Looks at files on several threads while the caller goes on. Disposing ends the threads. */
export interface Looker extends AsyncDisposable {
  recorded(files: readonly RecordedTask[]): Promise<readonly RecordedState[]>;
  compiled(files: readonly CompiledTask[]): Promise<readonly CompiledState[]>;
}

/** A thread has some hundred files to make up for its start. */
const worthThreads = 500;
const filesPerTask = 200;

/** @param threads how many may look at once; few files are looked at on this one */
export function createLooker(threads: number): Looker {
  let seen = 0;
  let pool: ReturnType<typeof createPool<LookTask, unknown[]>> | undefined;
  const spread = async <Task>(files: readonly Task[], toTask: (files: readonly Task[]) => LookTask) => {
    seen += files.length;
    if (pool === undefined && (threads < 2 || seen < worthThreads)) return look(toTask(files));
    pool ??= createPool(threadScript("./audit-thread", import.meta.url), threads);
    const tasks: Promise<unknown[]>[] = [];
    for (let at = 0; at < files.length; at += filesPerTask)
      tasks.push(pool.run(toTask(files.slice(at, at + filesPerTask))));
    return (await Promise.all(tasks)).flat();
  };
  return {
    recorded: (files) => spread(files, (some) => ({ kind: "recorded", files: some })) as Promise<RecordedState[]>,
    compiled: (files) => spread(files, (some) => ({ kind: "compiled", files: some })) as Promise<CompiledState[]>,
    [Symbol.asyncDispose]: async () => pool?.[Symbol.asyncDispose](),
  };
}

/** What a thread makes of its task. */
export function look(task: LookTask): RecordedState[] | CompiledState[] {
  return task.kind === "recorded" ? task.files.map(stateOf) : task.files.map(compiledState);
}

function compiledState({ path, source }: CompiledTask): CompiledState {
  const [compiled, written] = [readIfRegular(path), readIfRegular(source)];
  // What cannot be read is not run either.
  if (compiled === undefined || written === undefined) return { state: "unused" };
  return compareCompiled(compiled.bytes, written.bytes, written.stats);
}
