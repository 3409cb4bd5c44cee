import { isText } from "../encoding/table.ts";
import { takingTurns } from "../turns.ts";
import {
  type HookAnswer,
  type HookArguments,
  type HookName,
  hookNames,
  type LoadAnswer,
  type PluginModule,
} from "./contract.ts";
import {
  type Launch,
  type PluginProcess,
  ProcessEnded,
  type Said,
  type Surroundings,
  startProcess,
} from "./plugin-process.ts";

/** Loads inspectors into a process of one language, and asks them. Calls are answered one after the other. */
export interface PluginHost extends AsyncDisposable {
  load(plugin: PluginModule): Promise<LoadAnswer>;
  /** Never rejects: what goes wrong is `failed`. */
  call(name: string, hook: HookName, given: HookArguments): Promise<HookAnswer>;
}

export interface PluginHostOptions {
  readonly launch: Launch;
  /** For loading one inspector and for one hook. */
  readonly timeLimitMs: number;
  readonly surroundings: Omit<Surroundings, "onTalk"> & { onTalk(inspector: string, said: Said): void };
}

/**
 * All inspectors of a language share one process. One that ends it, by hanging or dying, is not asked again; the others
 * are loaded into a new one, so that every refusal is heard.
 */
export function openPluginHost({ launch, timeLimitMs, surroundings }: PluginHostOptions): PluginHost {
  const loaded = new Map<string, PluginModule>();
  const failures = new Map<string, string>();
  let shim: PluginProcess | undefined;
  let asked = "";
  const inTurn = takingTurns(1);
  return {
    load: (plugin) => inTurn(() => loadOne(plugin)),
    call: (name, hook, given) => inTurn(() => callOne(name, hook, given)),
    [Symbol.asyncDispose]: () => inTurn(async () => shim?.end()),
  };

  async function loadOne(plugin: PluginModule): Promise<LoadAnswer> {
    shim ??= startProcess(launch, { ...surroundings, onTalk: (said) => surroundings.onTalk(asked, said) });
    asked = plugin.name;
    try {
      const answer = toLoadAnswer(await shim.request({ method: "load", ...plugin }, timeLimitMs));
      if (answer.state === "loaded") loaded.set(plugin.name, plugin);
      return answer;
    } catch (error) {
      return { state: "failed", reason: gone(plugin.name, error) };
    }
  }

  async function callOne(name: string, hook: HookName, given: HookArguments): Promise<HookAnswer> {
    if (shim === undefined) await revive();
    const failure = failures.get(name);
    if (shim === undefined || failure !== undefined) return { outcome: "failed", message: failure ?? "it is gone" };
    asked = name;
    try {
      return toHookAnswer(await shim.request({ method: hook, name, ...given }, timeLimitMs));
    } catch (error) {
      return { outcome: "failed", message: gone(name, error) };
    }
  }

  /** Loads all into a new process; when one ends that as well, it begins again without it. */
  async function revive(): Promise<void> {
    for (const plugin of [...loaded.values()]) {
      await loadOne(plugin);
      if (shim === undefined) return revive();
    }
  }

  /** Notes who ended the process, so that the next call starts another one without it. */
  function gone(name: string, error: unknown): string {
    if (!(error instanceof ProcessEnded)) throw error;
    shim = undefined;
    loaded.delete(name);
    failures.set(name, error.message);
    return error.message;
  }
}

/** What comes out of the process of others is looked at, even where our own shim should have written it. */
function toLoadAnswer(value: unknown): LoadAnswer {
  const { state, hooks, warnings, reason } = Object(value);
  if (state === "loaded" && Array.isArray(hooks) && Array.isArray(warnings) && warnings.every(isText))
    return { state, hooks: hookNames.filter((hook) => hooks.includes(hook)), warnings };
  if ((state === "ignored" || state === "failed") && isText(reason)) return { state, reason };
  return { state: "failed", reason: "it wrote something that is no answer" };
}

function toHookAnswer(value: unknown): HookAnswer {
  const { outcome, message } = Object(value);
  if (outcome === "passed") return { outcome };
  if ((outcome === "refused" || outcome === "failed") && isText(message)) return { outcome, message };
  return { outcome: "failed", message: "it wrote something that is no answer" };
}
