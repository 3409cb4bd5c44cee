import { readIfRegular } from "../environment/read-file.ts";
import { createSpread, type Spread, threadScript } from "../threads/pool.ts";
import { type CompiledState, type CompiledTask, compareCompiled } from "./compiled/compiled-state.ts";
import { type RecordedState, type RecordedTask, stateOf } from "./recorded-state.ts";

/** What a thread does at once: files of one kind, answered in order. */
export type LookTask =
  | { readonly kind: "recorded"; readonly files: readonly RecordedTask[] }
  | { readonly kind: "compiled"; readonly files: readonly CompiledTask[] };

type Looked = readonly RecordedState[] | readonly CompiledState[];

/** Looks at files on several threads while the caller goes on. Disposing ends the threads. */
export interface Looker extends AsyncDisposable {
  recorded(files: readonly RecordedTask[]): Promise<readonly RecordedState[]>;
  compiled(files: readonly CompiledTask[]): Promise<readonly CompiledState[]>;
}

/** A thread has some hundred files to make up for its start. */
const worthThreads = 500;
const filesPerTask = 500;

/** How long a file takes beside its bytes, in bytes that are hashed in the same time. */
const fileWeight = 50_000;

/** @param threads how many may look at once; few files are looked at on this one, when all are known */
export function createLooker(threads: number): Looker {
  let spread: Spread<LookTask, Looked> | undefined;
  const look = async <Task>(files: readonly Task[], kind: LookTask["kind"], weightOf: (file: Task) => number) => {
    const toTask = (some: readonly Task[]) => ({ kind, files: some }) as unknown as LookTask;
    if (spread === undefined && (threads < 2 || files.length < worthThreads)) return lookAt(toTask(files));
    spread ??= createSpread(threadScript("./audit-thread", import.meta.url), threads);
    const parts: Promise<Looked>[] = [];
    for (let at = 0; at < files.length; at += filesPerTask) {
      const some = files.slice(at, at + filesPerTask);
      parts.push(
        spread.run(
          toTask(some),
          some.reduce((sum, file) => sum + weightOf(file), 0),
        ),
      );
    }
    return (await Promise.all(parts)).flat();
  };
  return {
    recorded: (files) =>
      look(files, "recorded", ({ size = 0 }) => size + fileWeight) as Promise<readonly RecordedState[]>,
    compiled: (files) => look(files, "compiled", () => 4 * fileWeight) as Promise<readonly CompiledState[]>,
    [Symbol.asyncDispose]: async () => spread?.[Symbol.asyncDispose](),
  };
}

/** What a thread makes of its task. */
export function lookAt(task: LookTask): Looked {
  return task.kind === "recorded" ? task.files.map(stateOf) : task.files.map(compiledState);
}

function compiledState({ path, source }: CompiledTask): CompiledState {
  const [compiled, written] = [readIfRegular(path), readIfRegular(source)];
  // What cannot be read is not run either.
  if (compiled === undefined || written === undefined) return { state: "unused" };
  return compareCompiled(compiled.bytes, written.bytes, written.stats);
}
