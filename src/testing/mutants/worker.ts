import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { isDeepStrictEqual } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import type { MadeWheel } from "../make-wheel.ts";
import type * as Reading from "../wheel-reading.ts";

/** One wheel, and what the sources as they are make of it. */
export interface Expectation extends Pick<MadeWheel, "filename" | "bytes"> {
  readonly name: string;
  readonly finding?: string;
  readonly notices: readonly string[];
  /** Of a sound wheel. */
  readonly reading?: string;
}

export interface MutantTask {
  readonly id: number;
  /** URL of the file that is bent. */
  readonly file: string;
  readonly source: string;
}

/** The name of the case that notices a mutant; absent when none does. */
export interface MutantResult {
  readonly id: number;
  readonly noticedBy?: string;
}

const expectations: readonly Expectation[] = workerData;
let bent: MutantTask;

/** Modules that a mutant can change, or that import one, are loaded anew for each. */
const fresh = /\/src\/(?:wheel|inspect|unpack|testing)\/[^?]*\.ts$/;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    return fresh.test(resolved.url) ? { ...resolved, url: `${resolved.url}?mutant=${bent.id}` } : resolved;
  },
  load(url, context, next) {
    const [file = ""] = url.split("?");
    if (!url.includes("?mutant=")) return next(url, context);
    const source =
      file === bent.file ? bent.source : stripTypeScriptTypes(readFileSync(new URL(file), "utf8"), { mode: "strip" });
    return { format: "module", source, shortCircuit: true };
  },
});

parentPort?.on("message", async (task: MutantTask) => {
  bent = task;
  const noticedBy = await noticed();
  parentPort?.postMessage({ id: task.id, ...(noticedBy !== undefined && { noticedBy }) } satisfies MutantResult);
});

async function noticed(): Promise<string | undefined> {
  let reading: typeof Reading;
  try {
    reading = await import(new URL("../wheel-reading.ts", import.meta.url).href);
  } catch {
    return "loading";
  }
  for (const expectation of expectations) {
    if (!(await holds(expectation, reading))) return expectation.name;
  }
  return undefined;
}

async function holds(expectation: Expectation, { judgeWheel, readWheel }: typeof Reading): Promise<boolean> {
  const wheel = { filename: expectation.filename, bytes: Buffer.from(expectation.bytes) };
  try {
    const { finding, notices } = await judgeWheel(wheel);
    if (finding !== expectation.finding || !isDeepStrictEqual(notices, expectation.notices)) return false;
    return expectation.reading === undefined || readWheel(wheel) === expectation.reading;
  } catch {
    return false;
  }
}
