import type { Environment } from "../environment/environment.ts";
import { createPool, threadScript } from "../threads/pool.ts";
import type { AdmittedWheel, Unpacking } from "./stage.ts";
import type { Move } from "./transaction.ts";

/** One wheel for a thread to unpack; see unpack-thread.ts. */
export interface UnpackTask {
  readonly wheel: AdmittedWheel;
  readonly folder: string;
  readonly environment: Environment;
}

/** Inflated bytes below which starting threads takes longer than they save. */
const worthThreads = 32 << 20;

export function isWorthThreads(unpackings: readonly Unpacking[]): boolean {
  return unpackings.reduce((sum, unpacking) => sum + inflatedSize(unpacking), 0) > worthThreads;
}

/** Unpacks on several threads, the largest wheels first, so that no thread is left with one at the end. */
export async function unpackInThreads(
  folders: readonly { readonly unpacking: Unpacking; readonly folder: string }[],
  environment: Environment,
  threads: number,
): Promise<Move[]> {
  const bySize = folders.toSorted((a, b) => inflatedSize(b.unpacking) - inflatedSize(a.unpacking));
  await using pool = createPool<UnpackTask, Move[]>(
    threadScript("./unpack-thread", import.meta.url),
    Math.min(threads, folders.length),
  );
  const tasks = bySize.map(({ unpacking: { wheel }, folder }) => pool.run({ wheel, folder, environment }));
  // All of them end before anything is thrown: nobody may write into a stage that is being removed.
  const results = await Promise.allSettled(tasks);
  return results.flatMap((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

function inflatedSize({ archive }: Unpacking): number {
  return archive.entries.reduce((sum, { size }) => sum + size, 0);
}
