import { resolve } from "node:path";
import { askInterpreter, type Interpreter } from "../environment/interpreter.ts";
import { UsageError } from "../errors.ts";
import type { DistInspector } from "../inspect/inspector.ts";
import { type OutsideInspector, outsideInspectors } from "../inspect/inspectors/outside.ts";
import type { PluginModule } from "../plugins/contract.ts";
import { type FoundEntryPoint, findEntryPoints } from "../plugins/entry-points.ts";
import { distributionDigest } from "../plugins/installed-digest.ts";
import { openPluginHost, type PluginHost, type PluginHostOptions } from "../plugins/plugin-host.ts";
import type { Launch } from "../plugins/plugin-process.ts";
import { pythonShim } from "../plugins/python-shim.ts";
import type { Host } from "./host.ts";
import { once } from "./once.ts";
import type { EnabledPlugin, PluginSettings } from "./plugin-settings.ts";
import type { Talk } from "./terminal.ts";

/** The inspectors from others that tspip.toml enables, as one of ours. Disposing ends their processes. */
export interface OutsideInspectors extends AsyncDisposable {
  readonly inspector: DistInspector;
}

/** The group of entry points that the RFC names. */
export const inspectorGroup = "pip.plugins";

/**
 * Loads what is enabled, in the order of tspip.toml.
 * @param directory a private folder
 * @throws UsageError `inspector-not-loadable`: one that is enabled and does not run would let everything pass
 */
export async function openOutsideInspectors(
  settings: PluginSettings,
  directory: string,
  talk: Talk,
  host: Host,
): Promise<OutsideInspectors> {
  await using rim = new AsyncDisposableStack();
  const surroundings = surroundingsOf(talk, host);
  const python = once(() => pythonPlugins(settings, host));
  const pythonHost = once(async () => {
    const launch = pythonLaunch((await python()).interpreter, host);
    return rim.use(openPluginHost({ launch, timeLimitMs: settings.timeLimitMs, surroundings }));
  });
  const loaded: OutsideInspector[] = [];
  for (const enabled of settings.inspectors) {
    const module = await pythonModule(enabled, (await python()).found);
    loaded.push(...(await loadInspector(module, await pythonHost(), talk)));
  }
  const owned = rim.move();
  return {
    inspector: outsideInspectors(loaded, directory),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
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

interface PythonPlugins {
  readonly interpreter: Interpreter;
  readonly found: readonly FoundEntryPoint[];
}

async function pythonPlugins({ python }: PluginSettings, host: Host): Promise<PythonPlugins> {
  if (python === undefined)
    throw new UsageError("inspector-not-loadable", "tspip.toml enables Python inspectors and names no interpreter", {
      hint: 'Write [plugins] and python = "PATH" of the environment that they are installed in',
    });
  const interpreter = await askInterpreter(/[\\/]/.test(python) ? resolve(host.cwd, python) : python, host.env);
  const { purelib, platlib } = interpreter.schemes;
  return { interpreter, found: await findEntryPoints([purelib, platlib], inspectorGroup) };
}

async function pythonModule(
  { name, sha256, options }: EnabledPlugin,
  found: readonly FoundEntryPoint[],
): Promise<PluginModule> {
  const [first, ...others] = found.filter((each) => each.name === name);
  if (first === undefined) throw notLoadable(name, `no distribution of that environment has an entry point "${name}"`);
  if (others.length > 0)
    throw notLoadable(
      name,
      `several distributions have it: ${[first, ...others].map((each) => each.distribution).join(", ")}`,
    );
  if (sha256 !== undefined) {
    const actual = await distributionDigest(first.site, first.distInfo);
    if (actual !== sha256)
      throw notLoadable(name, `${first.distribution} has sha256 ${actual}, tspip.toml says ${sha256}`);
  }
  const { module, attribute } = first;
  return { name, module, ...(attribute !== undefined && { attribute }), ...(options !== undefined && { options }) };
}

function pythonLaunch({ executable, schemes: { purelib, platlib } }: Interpreter, host: Host): Launch {
  const sites = [...new Set([purelib, platlib])];
  // -B: nothing is written into the environment that they come from.
  const command = [executable, "-I", "-S", "-B", "-X", "utf8", "-c", pythonShim, ...sites];
  return { command, cwd: host.cwd, env: inspectorEnvironment(host) };
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
