import { join, resolve } from "node:path";
import { askInterpreter } from "../../environment/interpreter.ts";
import { EnvironmentError, UsageError } from "../../errors.ts";
import { didYouMean } from "../../policy/did-you-mean.ts";
import { runInPlace } from "../child.ts";
import type { ExtOptions } from "../command-line/environment.ts";
import { exitCodes } from "../exit-code.ts";
import { descriptionOf, type Extension, extensionPlaces, findExtensions } from "../extensions.ts";
import type { Host } from "../host.ts";
import { renderTable } from "../render/table.ts";
import { projectSettings } from "../settings/project-settings.ts";
import { createTalk, printableJson, type Talk } from "../terminal.ts";
import { version } from "../version.ts";

/** Extension commands that come with tspip; commander finds them before it comes here. */
const builtIn = [
  { command: "new", description: "write the start of an inspector or extension command", origin: "tspip" },
  { command: "sbom", description: "the CycloneDX SBOM of what is installed, locked or required", origin: "tspip" },
] as const;

const commandName = /^[A-Za-z0-9][\w.-]*$/;

/** `tspip ext --list`, and `tspip ext NAME ARGS…`: the extension has its own life, and its exit code is ours. */
export async function ext(
  name: string | undefined,
  args: readonly string[],
  options: ExtOptions,
  host: Host,
): Promise<number> {
  const talk = createTalk({ verbose: 0, quiet: 0, progress: false, color: "auto" }, host);
  const environment = await environmentOf(options, host);
  const extensions = await findAll(environment?.python, talk, host);
  if (name === undefined || options.list === true) {
    for (const [first, ...hidden] of collisions(extensions)) warnOf(first, hidden, talk);
    await list(extensions, options.format, host);
    return exitCodes.done;
  }
  const [extension, ...hidden] = extensions.filter(({ command }) => command === name);
  if (extension === undefined || !commandName.test(name)) throw unknownExtension(name, extensions);
  if (hidden.length > 0) warnOf(extension, hidden, talk);
  const command = await extension.start(args);
  return runInPlace(command, await extensionEnvironment(name, environment, options, host), host);
}

/** The environment that an extension works on. */
interface WorkedOn {
  readonly folder: string;
  readonly python: string;
}

async function environmentOf({ venv, python }: ExtOptions, host: Host): Promise<WorkedOn | undefined> {
  if (python !== undefined) {
    const executable = /[\\/]/.test(python) ? resolve(host.cwd, python) : python;
    const { prefix, executable: itself } = await askInterpreter(executable, host.env);
    return { folder: prefix, python: itself };
  }
  const active = venv ?? host.env.VIRTUAL_ENV;
  if (!active) return undefined;
  const folder = resolve(host.cwd, active);
  return { folder, python: join(folder, "bin", "python") };
}

/** An interpreter that cannot be asked keeps its own extensions away, and no others. */
async function findAll(python: string | undefined, talk: Talk, host: Host): Promise<Extension[]> {
  try {
    return await findExtensions(await extensionPlaces(python, host), host);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    talk.warn(error.message);
    const { plugins } = await projectSettings(host);
    return findExtensions({ inJavaScript: plugins.extensions, python: undefined }, host);
  }
}

/** Extensions of one name, of which the first runs; built-in ones hide them all. */
function collisions(extensions: readonly Extension[]): Named[][] {
  const byCommand = Map.groupBy<string, Named>([...builtIn, ...extensions], ({ command }) => command);
  return [...byCommand.values()].filter(({ length }) => length > 1);
}

type Named = Pick<Extension, "command" | "origin">;

function warnOf(first: Named | undefined, hidden: readonly Named[], talk: Talk): void {
  if (first === undefined) return;
  const others = hidden.map(({ origin }) => origin).join(", ");
  talk.warn(`There are several extensions "${first.command}": the one of ${first.origin} runs, not that of ${others}`);
}

async function list(extensions: readonly Extension[], format: ExtOptions["format"], host: Host): Promise<void> {
  const described = await Promise.all(
    extensions.map(async (extension) => {
      const { command, origin } = extension;
      return { command, description: await descriptionOf(extension), origin };
    }),
  );
  const listed = [...builtIn, ...described];
  const rows = listed.map(({ command, description, origin }) => [command, description, origin]);
  host.stdout.write(
    format === "json"
      ? printableJson(`${JSON.stringify(listed, null, 2)}\n`)
      : renderTable(["command", "description", "origin"], rows),
  );
}

/** The user's own, and where things are. */
async function extensionEnvironment(
  name: string,
  environment: WorkedOn | undefined,
  { policy }: ExtOptions,
  host: Host,
): Promise<Record<string, string>> {
  const policyFile = policy ?? (await projectSettings(host)).policy;
  const told: Readonly<Record<string, string | undefined>> = {
    TSPIP_VERSION: version,
    TSPIP_EXTENSION: name,
    TSPIP_ENVIRONMENT: environment?.folder,
    TSPIP_PYTHON: environment?.python,
    TSPIP_POLICY: policyFile === undefined ? undefined : resolve(host.cwd, policyFile),
  };
  const entries = Object.entries({ ...host.env, ...told });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function unknownExtension(name: string, extensions: readonly Extension[]): UsageError {
  const known = [...builtIn, ...extensions].map(({ command }) => command);
  return new UsageError("no-such-extension", `There is no extension command "${name}"${didYouMean(name, known)}`, {
    hint: "tspip ext --list shows which there are; Python ones come from the active environment, or [plugins] python",
  });
}
