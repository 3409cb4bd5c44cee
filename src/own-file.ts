import { readFile } from "node:fs/promises";
import { getAsset } from "node:sea";
import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Files of the program itself, by URLs that are made from `import.meta.url`. They lie beside it, or, in the single
 * executable, inside it: then their URLs begin with "sea:" (packaging/single-executable-loader.cjs).
 */

/** As text. @throws Error when there is none */
export async function readOwnFile(place: URL): Promise<string> {
  return place.protocol === "sea:" ? asset(place) : readFile(place, "utf8");
}

/** A thread that runs a script of ours. */
export function startOwnThread(script: URL, options: WorkerOptions = {}): Worker {
  if (script.protocol !== "sea:") return new Worker(script, options);
  const loader = asset(new URL("sea:/loader.cjs"));
  return new Worker(loader, { ...options, eval: true, workerData: { entry: script.href } });
}

function asset(place: URL): string {
  return getAsset(place.pathname.slice(1), "utf8");
}
