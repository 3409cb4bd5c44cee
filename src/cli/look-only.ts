import { resolve } from "node:path";
import { openLockMemory } from "./cache-memory.ts";
import type { GateOptions } from "./command-line/options.ts";
import type { GateRun, GateTarget } from "./gate-run.ts";
import type { Host } from "./host.ts";
import { rememberedInterpreter } from "./remembered-interpreter.ts";
import { interpreterFor } from "./target.ts";

/** What commands have in common that judge and install nothing. */

/** The digests of a lock file may stand for the bytes, and what is known of them is kept. */
export function withLockMemory(run: GateRun): GateRun {
  const { request, options, talk, host } = run;
  const locks = request.plan.locks.map(({ place }) => resolve(host.cwd, place));
  return locks.length === 0 ? run : { ...run, memory: openLockMemory(locks, options.cacheDir, talk, host) };
}

/** The interpreter that files are for; nothing of its environment matters. */
export function onlyInterpreter({ memory }: GateRun, options: GateOptions, host: Host): () => Promise<GateTarget> {
  return async () => {
    const isRemembered = memory !== undefined && options.venv === undefined;
    const interpreter = await (isRemembered
      ? rememberedInterpreter(options, memory, host)
      : interpreterFor(options, host));
    return { interpreter, installed: [], preferred: [] };
  };
}
