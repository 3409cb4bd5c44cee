import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { MutantResult, MutantTask } from "./worker.ts";

/** Test files, as URLs, in the order in which they are tried: first what noticed the last mutant, mostly one of the same file. */
let testFiles: readonly string[] = workerData;
let bent: MutantTask;

/** Tests of the file that was loaded last: `node:test` is replaced, so that a failure is noticed and nothing is printed. */
const collected: (readonly [name: string, act: (context: object) => unknown])[] = [];
Object.assign(globalThis, {
  collectTest: (name: string, ...rest: readonly unknown[]) => {
    const act = rest.at(-1);
    if (typeof act === "function") collected.push([name, act as (context: object) => unknown]);
  },
});
const collector = "data:text/javascript,export const test = globalThis.collectTest;";

/** Modules that a mutant can change, or that import one, are loaded anew for each. */
const fresh = /\/src\/(?:policy|testing)\/[^?]*\.ts$/;
const stripped = new Map<string, string>();

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "node:test") return { url: collector, shortCircuit: true };
    const resolved = next(specifier, context);
    return fresh.test(resolved.url) ? { ...resolved, url: `${resolved.url}?mutant=${bent.id}` } : resolved;
  },
  load(url, context, next) {
    const [file = ""] = url.split("?");
    if (!url.includes("?mutant=")) return next(url, context);
    return { format: "module", source: file === bent.file ? bent.source : sourceOf(file), shortCircuit: true };
  },
});

function sourceOf(file: string): string {
  const source = stripped.get(file) ?? stripTypeScriptTypes(readFileSync(new URL(file), "utf8"), { mode: "strip" });
  stripped.set(file, source);
  return source;
}

parentPort?.on("message", async (task: MutantTask) => {
  bent = task;
  const noticedBy = await noticed();
  parentPort?.postMessage({ id: task.id, ...(noticedBy !== undefined && { noticedBy }) } satisfies MutantResult);
});

async function noticed(): Promise<string | undefined> {
  // The test beside the file notices most.
  const own = bent.file.replace(/\.ts$/, ".test.ts");
  for (const file of testFiles.toSorted((a, b) => Number(b === own) - Number(a === own))) {
    collected.length = 0;
    try {
      await import(file);
    } catch {
      return `loading ${file}`;
    }
    for (const [name, act] of collected) {
      try {
        await act({});
      } catch {
        testFiles = [file, ...testFiles.filter((other) => other !== file)];
        return name;
      }
    }
  }
  return undefined;
}
