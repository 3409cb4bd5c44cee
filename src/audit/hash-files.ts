import { createPool, threadScript } from "../threads/pool.ts";
import type { RecordRow } from "../wheel/record.ts";
import { stateOf } from "./file-state.ts";

/** A file and the hash that it should have. */
export interface FileTask {
  readonly path: string;
  readonly hash?: RecordRow["hash"];
}

/** What became of a file since RECORD was written. */
export type FileState = "same" | "changed" | "missing" | "unhashed" | "unreadable";

/** A thread has some hundred files to make up for its start. */
const worthThreads = 500;
const filesPerTask = 200;

/** Looks at files, on several threads when there are many. Answers in order. */
export async function hashFiles(files: readonly FileTask[], threads: number): Promise<readonly FileState[]> {
  if (threads < 2 || files.length < worthThreads) return files.map(stateOf);
  await using pool = createPool<readonly FileTask[], FileState[]>(
    threadScript("./audit-thread", import.meta.url),
    threads,
  );
  const tasks: Promise<FileState[]>[] = [];
  for (let at = 0; at < files.length; at += filesPerTask) tasks.push(pool.run(files.slice(at, at + filesPerTask)));
  return (await Promise.all(tasks)).flat();
}
