import { setFlagsFromString } from "node:v8";
import { type ReadFile, readRegularFile } from "../environment/read-file.ts";
import { messageOf } from "../errors.ts";
import { createTeam, type Team, threadScript } from "../threads/pool.ts";
import { nothingTaken, type Taken, untaken } from "../threads/untaken.ts";
import { type CompiledState, type CompiledTask, compareCompiled, used } from "./compiled/compiled-state.ts";
import { type RecordedState, type RecordedTask, stateOf } from "./recorded-state.ts";

/** Looks at many files, on this thread and others. Disposing ends the others. */
export interface Looker extends AsyncDisposable {
  recorded(files: readonly RecordedTask[]): Look<RecordedState>;
  compiled(files: readonly CompiledTask[]): Look<CompiledState>;
}

/** Files that other threads are looking at already, if there are any. */
export interface Look<State> {
  /**
   * Helps them at once until every file is taken, and then waits for the last: what became of each, in the order of the
   * files.
   */
  finish(): Promise<readonly State[]>;
}

/** One list of files for all threads, each of which takes the next file that nobody has. */
export interface LookTask {
  readonly kind: keyof typeof kinds;
  /** The list in JSON, which is quicker to take over than so many objects. */
  readonly files: string;
  readonly taken: Taken;
}

/** What one thread did of a task. */
interface Share {
  /** How many files it has looked at. */
  readonly count: number;
  /** Places in the list, and what became of the files there; nearly all are in the usual state. */
  readonly unusual: readonly (readonly [at: number, state: unknown])[];
}

/** How a thread looks at a file of each kind, and what it finds as a rule. */
const kinds = {
  recorded: { lookAt: stateOf, usual: "same" },
  compiled: { lookAt: compiledState, usual: used },
} as const;

/** Other threads have some hundred files to make up for their start. */
const worthThreads = 500;

/** @param threads how many may look at once, this one included */
export function createLooker(threads: number): Looker {
  let team: Team<LookTask, Share> | undefined;
  let seen = 0;
  const look = <State>(kind: LookTask["kind"], files: readonly unknown[]): Look<State> => {
    seen += files.length;
    if (threads > 1 && seen >= worthThreads) team ??= startTeam(threads - 1);
    const taken = nothingTaken();
    const helped = team?.run({ kind, files: JSON.stringify(files), taken }) ?? Promise.resolve([]);
    // Whoever waits is told of it; nobody waits yet.
    helped.catch(() => {});
    return {
      async finish() {
        const own = takeAll(kind, files, taken);
        // Threads that are still starting have nothing to say of files that were not left to them.
        const others = own.count === files.length ? [] : await helped;
        const states = Array<unknown>(files.length).fill(kinds[kind].usual);
        for (const [at, state] of [own, ...others].flatMap(({ unusual }) => unusual)) states[at] = state;
        return states as State[];
      },
    };
  };
  return {
    recorded: (files) => look("recorded", files),
    compiled: (files) => look("compiled", files),
    [Symbol.asyncDispose]: async () => team?.[Symbol.asyncDispose](),
  };
}

function startTeam(size: number): Team<LookTask, Share> {
  // V8 would collect young objects on several threads, which then wait for those that hash to leave them a processor.
  setFlagsFromString("--no-parallel-scavenge");
  return createTeam(threadScript("./audit-thread", import.meta.url), size);
}

/** What another thread does of a task. */
export function work(task: LookTask): Share {
  return takeAll(task.kind, JSON.parse(task.files), task.taken);
}

/** Looks at one file after the other that no thread has taken. */
function takeAll(kind: LookTask["kind"], files: readonly unknown[], taken: Taken): Share {
  const { lookAt, usual } = kinds[kind] as { lookAt: (file: unknown) => unknown; usual: unknown };
  const unusual: [at: number, state: unknown][] = [];
  let count = 0;
  for (const at of untaken(files.length, taken)) {
    const state = lookAt(files[at]);
    if (state !== usual) unusual.push([at, state]);
    count++;
  }
  return { count, unusual };
}

function compiledState({ path, source }: CompiledTask): CompiledState {
  let compiled: ReadFile;
  let written: ReadFile;
  try {
    compiled = readRegularFile(path);
    written = readRegularFile(source);
  } catch (error) {
    if (isNoFile(error)) return { state: "unused" };
    return { state: "foreign", reason: `it cannot be compared, as ${messageOf(error)}` };
  }
  return compareCompiled(compiled.bytes, written.bytes, written.stats);
}

/** What is gone, leads nowhere or is no regular file, Python does not run. What we may not read, or is too large, it may. */
function isNoFile(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined || code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}
