import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { toolNamed } from "../../bootstrap/tool.ts";
import { type PipSettings, readPipWords } from "../../clients/pip-words.ts";
import { UsageError } from "../../errors.ts";
import { bootstrap } from "../bootstrap/bootstrap.ts";
import type { PipOptions } from "../command-line/artifacts.ts";
import type { Host } from "../host.ts";
import { withLog } from "../talk-log.ts";
import { createTalk } from "../terminal.ts";
import { runBehindGate } from "./run.ts";

/** `tspip pip`: behaves as pip, in an environment that gets a verified pip if it has none, and behind the gate. */
export async function pip(given: readonly string[], own: PipOptions, host: Host): Promise<number> {
  const { words, settings } = readPipWords(given);
  const [trusted] = settings.trustedHosts;
  if (trusted !== undefined)
    throw new UsageError(
      "insecure-host",
      `tspip does not take "--trusted-host ${trusted}": certificates are always checked`,
      {
        hint: "Name the authority that signed the certificate with --cert FILE",
      },
    );
  const options = withSettings(own, settings, host);
  const tool = toolNamed("pip");
  const wheel = wheelOfPip(words, host);
  const made = await bootstrap({
    tool,
    options: bootstrapOptions(options, wheel),
    policyInForce: options,
    keepsPresent: true,
    talk: withLog(createTalk(options, host), settings.log, host),
    host,
  });
  if (made.outcome === "failed") return made.exitCode;
  const { executable, prefix, basePrefix } = made.interpreter;
  const venv = prefix === basePrefix ? {} : { venv: prefix };
  const command = [executable, "-m", "pip", ...talkWords(own), ...words];
  return runBehindGate(command, { ...options, ...venv }, host);
}

/** The policy in force is for what pip installs; pip itself has its own. */
function bootstrapOptions({ policy: _, bootstrapPolicy, ...options }: PipOptions, wheel: string | undefined) {
  return {
    ...options,
    ...(bootstrapPolicy !== undefined && { policy: bootstrapPolicy }),
    ...(wheel !== undefined && { wheel }),
  };
}

/** `-v` and `-q` before pip's command were taken for ours, and are pip's as well. */
function talkWords({ verbose, quiet }: PipOptions): string[] {
  return [...Array<string>(Number(verbose)).fill("-v"), ...Array<string>(Number(quiet)).fill("-q")];
}

/** What pip was told goes before what tspip was told; places add up. */
function withSettings(options: PipOptions, settings: PipSettings, host: Host): PipOptions {
  const { indexUrl, extraIndexUrl, findLinks, noIndex, cert, clientCert, proxy, keyringProvider, timeout, retries } =
    settings;
  const isFolder = settings.python !== undefined && isDirectory(resolve(host.cwd, settings.python));
  return {
    ...options,
    ...(indexUrl !== undefined && { indexUrl }),
    extraIndexUrl: [...extraIndexUrl, ...(options.extraIndexUrl ?? [])],
    findLinks: [...findLinks, ...(options.findLinks ?? [])],
    index: options.index && !noIndex,
    ...(cert !== undefined && { cert }),
    ...(clientCert !== undefined && { clientCert }),
    ...(proxy !== undefined && { proxy }),
    ...(keyringProvider !== undefined && { keyringProvider: isProgram(keyringProvider) ? "subprocess" : "disabled" }),
    ...(timeout !== undefined && { timeout: readNumber("--timeout", timeout) }),
    ...(retries !== undefined && { retries: readNumber("--retries", retries) }),
    ...(settings.python !== undefined && (isFolder ? { venv: settings.python } : { python: settings.python })),
    ...(settings.user && { user: true as const }),
    ...(settings.breakSystemPackages && { breakSystemPackages: true as const }),
    verbose: Number(options.verbose) + settings.verbose,
    quiet: Number(options.quiet) + settings.quiet,
  };
}

/** pip's `import` loads code into pip's own process; of keyrings we have only the program. */
function isProgram(keyringProvider: string): boolean {
  return keyringProvider === "subprocess" || keyringProvider === "import";
}

function readNumber(option: string, value: string): number {
  const number = Number(value);
  if (value !== "" && number >= 0) return number;
  throw new UsageError("invalid-setting", `${option} "${value}" is no number`);
}

/** `pip install pip-….whl`: the wheel that the user has is the one to begin with. */
function wheelOfPip(words: readonly string[], { cwd }: Host): string | undefined {
  if (!words.includes("install")) return undefined;
  return words.find((word) => /(?:^|\/)pip-[^/]+\.whl$/.test(word) && existsSync(resolve(cwd, word)));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
