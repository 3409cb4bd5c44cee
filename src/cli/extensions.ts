import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { askInterpreter, type Interpreter } from "../environment/interpreter.ts";
import { messageOf, UsageError } from "../errors.ts";
import { type FoundEntryPoint, findEntryPoints } from "../plugins/entry-points.ts";
import {
  descriptionCommand,
  extensionCommand,
  type FoundModule,
  findModule,
  moduleDigest,
} from "../plugins/javascript-module.ts";
import { findPrograms } from "../plugins/programs.ts";
import { pythonDescriptions, pythonExtension } from "../plugins/python-extension.ts";
import { parseMetadata } from "../wheel/metadata.ts";
import type { Host } from "./host.ts";
import { missingModule } from "./settings/locate-inspector.ts";
import type { EnabledPlugin } from "./settings/plugin-settings.ts";
import { projectSettings } from "./settings/project-settings.ts";

/** An extension command, wherever it comes from. */
export interface Extension {
  readonly command: string;
  /** tspip, a module that tspip.toml names, a distribution with its version, or a program. */
  readonly origin: string;
  /** Runs nothing of an environment. */
  describe(): Promise<string>;
  /** What to start for `args`. @throws UsageError when what tspip.toml names is not that */
  start(args: readonly string[]): Promise<readonly string[]>;
}

/** Where extensions are looked for. */
export interface ExtensionPlaces {
  readonly inJavaScript: readonly EnabledPlugin[];
  /** The interpreter whose environment has Python extensions. */
  readonly python: Interpreter | undefined;
}

const extensionGroup = "pip.ext";
const describeMs = 5000;

/** `[plugins] python` of tspip.toml, else the interpreter of the environment that is worked on. */
export async function extensionPlaces(environmentPython: string | undefined, host: Host): Promise<ExtensionPlaces> {
  const { plugins } = await projectSettings(host);
  const named = plugins.python;
  const executable =
    named !== undefined && /[\\/]/.test(named) ? resolve(host.cwd, named) : (named ?? environmentPython);
  return {
    inJavaScript: plugins.extensions,
    python: executable === undefined ? undefined : await askInterpreter(executable, host.env),
  };
}

/** All there are besides the built-in ones, in the order of precedence: of one name the first is the one that runs. */
export async function findExtensions({ inJavaScript, python }: ExtensionPlaces, host: Host): Promise<Extension[]> {
  const programs = await findPrograms(host.env.PATH ?? "");
  return [
    ...inJavaScript.map((enabled) => javascriptExtension(enabled, host)),
    ...(python === undefined ? [] : await pythonExtensions(python, host)),
    ...programs.map(({ command, path }) => ({
      command,
      origin: path,
      describe: async () => "",
      start: async (args: readonly string[]) => [path, ...args],
    })),
  ];
}

function javascriptExtension(enabled: EnabledPlugin, host: Host): Extension {
  const { name, module = "" } = enabled;
  return {
    command: name,
    origin: module,
    async describe() {
      const { specifier } = await findEnabled(enabled, host);
      return outputOf(descriptionCommand(host.node, specifier), host);
    },
    start: async (args) => extensionCommand(host.node, (await findEnabled(enabled, host)).specifier, args),
  };
}

async function findEnabled({ name, module = "", sha256 }: EnabledPlugin, host: Host): Promise<FoundModule> {
  const found = await findModule(module, host.cwd);
  if (found === undefined) throw notLoadable(name, missingModule(module));
  const actual = sha256 === undefined ? undefined : await moduleDigest(found);
  if (actual === sha256) return found;
  throw notLoadable(name, `it has sha256 ${actual}, tspip.toml says ${sha256}`);
}

async function pythonExtensions(interpreter: Interpreter, host: Host): Promise<Extension[]> {
  const sites = [...new Set([interpreter.schemes.purelib, interpreter.schemes.platlib])];
  const found = await findEntryPoints(sites, extensionGroup);
  const { executable } = interpreter;
  return found.map((entry) => ({
    command: entry.name,
    origin: entry.distribution,
    describe: async () => {
      const command = [executable, "-I", "-S", "-c", pythonDescriptions, JSON.stringify(sites), entry.module];
      const descriptions: Record<string, string> = JSON.parse(await outputOf(command, host));
      return descriptions[entry.module] ?? summaryOf(entry);
    },
    start: async (args) => {
      const { module, attribute = "", name } = entry;
      return [executable, "-c", pythonExtension, module, attribute, name, ...args];
    },
  }));
}

/** The distribution's own word, where the extension's is not to be had without running it. */
async function summaryOf({ site, distInfo }: FoundEntryPoint): Promise<string> {
  return parseMetadata(await readFile(join(site, distInfo, "METADATA"), "utf8")).summary ?? "";
}

async function outputOf([program = "", ...args]: readonly string[], { cwd, env }: Host): Promise<string> {
  const options = { cwd, env: env as NodeJS.ProcessEnv, timeout: describeMs, maxBuffer: 1 << 20 } as const;
  return (await promisify(execFile)(program, args, options)).stdout;
}

/** One line of what an extension says of itself. */
export async function descriptionOf(extension: Extension): Promise<string> {
  try {
    return (await extension.describe()).trim().split("\n")[0] ?? "";
  } catch (error) {
    return `(no description: ${messageOf(error).split("\n")[0]})`;
  }
}

function notLoadable(name: string, why: string): UsageError {
  return new UsageError("extension-not-loadable", `Extension "${name}" is enabled and cannot be loaded: ${why}`);
}
