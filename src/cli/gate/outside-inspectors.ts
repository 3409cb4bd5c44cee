import { messageOf, UsageError } from "../../errors.ts";
import type { DistInspector } from "../../inspect/inspector.ts";
import { type OutsideInspector, outsideInspectors } from "../../inspect/inspectors/outside.ts";
import type { PluginModule } from "../../plugins/contract.ts";
import { javascriptCommand } from "../../plugins/javascript-module.ts";
import { openPluginHost, type PluginHost, type PluginHostOptions } from "../../plugins/plugin-host.ts";
import { pythonShim } from "../../plugins/python-shim.ts";
import type { Host } from "../host.ts";
import { once } from "../once.ts";
import {
  digestProblem,
  type LocatedInspector,
  locateInspector,
  openPluginEnvironment,
  type PluginEnvironment,
} from "../settings/locate-inspector.ts";
import type { EnabledPlugin, PluginSettings } from "../settings/plugin-settings.ts";
import type { Talk } from "../terminal.ts";

/** The inspectors from others that tspip.toml enables, as one of ours. Disposing ends their processes. */
export interface OutsideInspectors extends AsyncDisposable {
  readonly inspector: DistInspector;
}

/**
 * @param directory a private folder
 * @throws as `loadInspectors`
 */
export async function openOutsideInspectors(
  settings: PluginSettings,
  directory: string,
  talk: Talk,
  host: Host,
): Promise<OutsideInspectors> {
  const { inspectors, ...loaded } = await loadInspectors(settings, talk, host);
  return { ...loaded, inspector: outsideInspectors(inspectors, directory) };
}

/** Disposing ends their processes. */
export interface LoadedInspectors extends AsyncDisposable {
  readonly inspectors: readonly OutsideInspector[];
}

/**
 * Loads what is enabled, in the order of tspip.toml.
 * @throws UsageError `inspector-not-loadable`: one that is enabled and does not run would let everything pass
 */
export async function loadInspectors(settings: PluginSettings, talk: Talk, host: Host): Promise<LoadedInspectors> {
  await using rim = new AsyncDisposableStack();
  const environment = await environmentOf(settings, host);
  const open = (command: readonly string[]) => {
    const launch = { command, cwd: host.cwd, env: inspectorEnvironment(host) };
    const { timeLimitMs } = settings;
    return rim.use(openPluginHost({ launch, timeLimitMs, surroundings: surroundingsOf(talk, host) }));
  };
  // One process for each language, started when an inspector needs it.
  const hosts = {
    python: once(async () => open(pythonCommand(environment))),
    javascript: once(async () => open(javascriptCommand(host.node))),
  };
  const inspectors: OutsideInspector[] = [];
  for (const enabled of settings.inspectors) {
    const located = await locate(enabled, environment, host);
    inspectors.push(...(await loadInspector(located.module, await hosts[located.language](), talk)));
  }
  const owned = rim.move();
  return { inspectors, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function environmentOf(settings: PluginSettings, host: Host): Promise<PluginEnvironment | undefined> {
  const isWanted = settings.inspectors.some(({ module }) => module === undefined);
  return isWanted && settings.python !== undefined ? openPluginEnvironment(settings.python, host) : undefined;
}

async function locate(
  enabled: EnabledPlugin,
  environment: PluginEnvironment | undefined,
  host: Host,
): Promise<LocatedInspector> {
  const located = await locateInspector(enabled, environment, host);
  if (typeof located === "string") throw notLoadable(enabled.name, located);
  const problem = await digestProblem(enabled, located).catch(messageOf);
  if (problem !== undefined) throw notLoadable(enabled.name, problem);
  return located;
}

async function loadInspector(module: PluginModule, plugins: PluginHost, talk: Talk): Promise<OutsideInspector[]> {
  const { name } = module;
  const answer = await plugins.load(module);
  switch (answer.state) {
    case "failed":
      throw notLoadable(name, answer.reason);
    case "ignored":
      talk.warn(`Inspector "${name}" is ignored: ${answer.reason}`);
      return [];
    case "loaded":
      for (const warning of answer.warnings) talk.warn(`Inspector "${name}": ${warning}`);
      return [{ name, hooks: answer.hooks, call: (hook, given) => plugins.call(name, hook, given) }];
  }
}

function pythonCommand(environment: PluginEnvironment | undefined): string[] {
  if (environment === undefined) throw new RangeError("A Python inspector was found without an interpreter");
  // -B: nothing is written into the environment that they come from.
  return [environment.interpreter.executable, "-I", "-S", "-B", "-X", "utf8", "-c", pythonShim, ...environment.sites];
}

/** What the user has, without the settings of installers, which may hold passwords of indexes. */
function inspectorEnvironment({ env }: Host): Record<string, string> {
  const isForInspectors = ([name, value]: [string, string | undefined]) =>
    value !== undefined && !/^(?:TSPIP|PIP|UV)_/i.test(name);
  return Object.fromEntries(Object.entries(env).filter(isForInspectors)) as Record<string, string>;
}

function surroundingsOf(talk: Talk, { signal, killGroup }: Host): PluginHostOptions["surroundings"] {
  return {
    signal,
    killGroup,
    onTalk: (inspector, { level, text }) =>
      (level === "warning" ? talk.warn : talk.verbose)(`[${inspector}] ${text.trimEnd()}`),
  };
}

function notLoadable(name: string, why: string): UsageError {
  return new UsageError("inspector-not-loadable", `Inspector "${name}" is enabled and cannot be loaded: ${why}`, {
    hint: "tspip plugins shows which inspectors there are; -v shows what this one printed",
  });
}
