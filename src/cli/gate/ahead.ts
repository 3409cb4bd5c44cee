import { rm } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isSettled } from "../../plan/plan-request.ts";
import { once } from "../once.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import type { EngineCache, GateRun } from "./gate-run.ts";

/** What choosing versions takes, begun while Python, which takes as long, is asked what it is. Disposing removes what an engine keeps. */
export interface Ahead extends AsyncDisposable {
  /** Our own programs are loaded. */
  readonly loaded: Promise<void>;
  readonly engineCache: EngineCache;
}

/** @param python the interpreter as it will most likely know itself: where that is wrong, nothing is gained */
export function goAhead(run: GateRun, python: string): Ahead {
  const isIdle = isSettled(run.request.plan);
  const engineCache = isIdle ? noCache : prepareEngine(run, python);
  return {
    loaded: isIdle ? Promise.resolve() : load(run),
    engineCache,
    [Symbol.asyncDispose]: engineCache.remove,
  };
}

const noCache: EngineCache = { folder: async () => undefined, remove: async () => {} };

/** So soon Python is started. */
const pythonStartMs = 5;

async function load({ options, bundle }: GateRun): Promise<void> {
  await sleep(pythonStartMs);
  await import("./resolve.ts");
  const isOnline = bundle === undefined && options.offline !== true && options.index !== false;
  if (isOnline) await import("../../package-index/dispatcher.ts");
}

function prepareEngine(run: GateRun, python: string): EngineCache {
  // What it lacks, the engine makes or says when it is at work.
  const prepared = prepare(run, python).catch(() => undefined);
  let isDone = false;
  const remove = once(async () => {
    const made = await prepared;
    if (made !== undefined) await rm(made.folder, { recursive: true, force: true });
  });
  return {
    folder: async () => (isDone ? undefined : (await prepared)?.cache),
    remove() {
      isDone = true;
      return remove();
    },
  };
}

async function prepare(run: GateRun, python: string): Promise<{ folder: string; cache: string } | undefined> {
  const { host } = run;
  const [{ engineThere }, { findProgram }] = await Promise.all([
    import("./choose-engine.ts"),
    import("../../resolve/find-program.ts"),
  ]);
  const engine = engineThere(run);
  // A name alone is for nobody else to look for: uv would look into the folders around it as well.
  const path = isAbsolute(python) ? python : findProgram(python, host.env);
  if (engine?.prepare === undefined || path === undefined) return undefined;
  const folder = makeTemporaryFolder(host);
  const cache = join(folder, "cache");
  await engine.prepare({ python: path, cache, signal: host.signal });
  return { folder, cache };
}
