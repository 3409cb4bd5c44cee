import { rm } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import type { EngineCache, GateRun } from "./gate-run.ts";

/** What choosing versions takes, begun while Python, which takes as long, is asked what it is. Disposing removes what an engine keeps. */
export interface Ahead extends AsyncDisposable {
  /** Our own programs are loaded. */
  readonly loaded: Promise<void>;
  readonly engineCache: EngineCache;
}

/**
 * For a request that leaves versions open.
 * @param python the interpreter as it will most likely know itself: where that is wrong, nothing is gained
 */
export function goAhead(run: GateRun, python: string): Ahead {
  const engineCache = prepareEngine(run, python);
  return { loaded: load(run), engineCache, [Symbol.asyncDispose]: engineCache.remove };
}

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
  let removal: Promise<void> | undefined;
  const remove = async () => {
    const folder = await prepared;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  return {
    async folder() {
      const folder = removal === undefined ? await prepared : undefined;
      return folder && cacheIn(folder);
    },
    remove() {
      removal ??= remove();
      return removal;
    },
  };
}

/** @returns a private folder with the engine's cache in it; nothing where there is none to prepare */
async function prepare(run: GateRun, python: string): Promise<string | undefined> {
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
  await engine.prepare({ python: path, cache: cacheIn(folder), signal: host.signal });
  return folder;
}

function cacheIn(folder: string): string {
  return join(folder, "cache");
}
