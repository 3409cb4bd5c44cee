import { resolve } from "node:path";
import type { PackedStore } from "../../memory/packed-store.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import type { Talk } from "../terminal.ts";
import { openLockMemory } from "./cache-memory.ts";
import type { GateRun, GateTarget } from "./gate-run.ts";
import { rememberedInterpreter } from "./remembered-interpreter.ts";
import { interpreterFor } from "./target.ts";

/** What commands have in common that judge and install nothing. */

/** What is known of a lock file, and kept: where one is given, its digests may stand for the bytes. */
export function lockMemory({ lock, cacheDir }: LockOptions, talk: Talk, host: Host): PackedStore | undefined {
  return lock === undefined ? undefined : openLockMemory(resolve(host.cwd, lock), cacheDir, talk, host);
}

type LockOptions = Pick<GateOptions, "lock" | "cacheDir">;

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
