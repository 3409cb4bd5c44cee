import { resolve } from "node:path";
import { askInterpreter, type Interpreter } from "../../environment/interpreter.ts";
import type { PluginModule } from "../../plugins/contract.ts";
import { type FoundEntryPoint, findEntryPoints } from "../../plugins/entry-points.ts";
import { distributionDigest } from "../../plugins/installed-digest.ts";
import { findModule, moduleDigest } from "../../plugins/javascript-module.ts";
import type { Host } from "../host.ts";
import type { EnabledPlugin } from "./plugin-settings.ts";

/** The group of entry points that the RFC names. */
const inspectorGroup = "pip.plugins";

/** An environment with Python inspectors, and what its files say of them. */
export interface PluginEnvironment {
  readonly interpreter: Interpreter;
  /** Folders of importable packages. */
  readonly sites: readonly string[];
  readonly inspectors: readonly FoundEntryPoint[];
}

/** Where an enabled inspector comes from. Nothing of it was run. */
export interface LocatedInspector {
  readonly language: "python" | "javascript";
  /** A distribution with its version, an npm package or a file. */
  readonly origin: string;
  readonly module: PluginModule;
  /** What `sha256` in tspip.toml is compared with. @throws Error when a file cannot be read */
  digest(): Promise<string>;
}

/** @param python as tspip.toml names it: a path from the project's folder, or a name to be found on PATH */
export async function openPluginEnvironment(python: string, host: Host): Promise<PluginEnvironment> {
  const executable = /[\\/]/.test(python) ? resolve(host.cwd, python) : python;
  const interpreter = await askInterpreter(executable, host.env);
  const sites = [...new Set([interpreter.schemes.purelib, interpreter.schemes.platlib])];
  return { interpreter, sites, inspectors: await findEntryPoints(sites, inspectorGroup) };
}

/**
 * Finds what tspip.toml enables.
 * @param environment absent where tspip.toml names no interpreter
 * @returns a text when it is not there
 */
export async function locateInspector(
  enabled: EnabledPlugin,
  environment: PluginEnvironment | undefined,
  { cwd }: Host,
): Promise<LocatedInspector | string> {
  const { name, module, options } = enabled;
  const given = options === undefined ? {} : { options };
  if (module !== undefined) {
    const found = await findModule(module, cwd);
    if (found === undefined) return missingModule(module);
    const { specifier } = found;
    const loaded = { name, module: specifier, ...given };
    return { language: "javascript", origin: module, module: loaded, digest: () => moduleDigest(found) };
  }
  if (environment === undefined) return 'tspip.toml names no interpreter: [plugins] has no "python"';
  const [first, ...others] = environment.inspectors.filter((each) => each.name === name);
  if (first === undefined) return `no distribution of ${environment.interpreter.prefix} has an entry point "${name}"`;
  const owners = [first, ...others].map(({ distribution }) => distribution);
  if (others.length > 0) return `several distributions have it: ${owners.join(", ")}`;
  const { site, distInfo, distribution, attribute } = first;
  return {
    language: "python",
    origin: distribution,
    module: { name, module: first.module, ...(attribute !== undefined && { attribute }), ...given },
    digest: () => distributionDigest(site, distInfo),
  };
}

/** What is meant by `deny.mjs` is for the user to say. */
export function missingModule(module: string): string {
  if (/^[./]/.test(module)) return `there is no file "${module}"`;
  return `there is no npm package "${module}"; the path of a file begins with "./"`;
}

/** Why an inspector does not have the digest that tspip.toml asks for; nothing where it has, or where none is asked. */
export async function digestProblem(
  { sha256 }: EnabledPlugin,
  { origin, digest }: LocatedInspector,
): Promise<string | undefined> {
  if (sha256 === undefined) return undefined;
  const actual = await digest();
  return actual === sha256 ? undefined : `${origin} has sha256 ${actual}, tspip.toml says ${sha256}`;
}
