import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { type ClientCommand, everyCommand, readCommand } from "../../clients/client.ts";
import { clientEnvironment } from "../../clients/environment.ts";
import { environmentsOf } from "../../clients/environment-of.ts";
import { frozen, frozenInstead, isUnguidable, locksFirst } from "../../clients/locks-first.ts";
import { withPython } from "../../clients/named-python.ts";
import { wheelPaths } from "../../clients/requirements-files.ts";
import { waysAroundInCommand, waysAroundInEnvironment } from "../../clients/ways-around.ts";
import { openVenv } from "../../environment/environment.ts";
import type { Interpreter } from "../../environment/interpreter.ts";
import { UsageError } from "../../errors.ts";
import type { Judged } from "../../inspect/gate.ts";
import { runChild } from "../child.ts";
import type { RunOptions } from "../command-line/artifacts.ts";
import type { GateOptions } from "../command-line/options.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import type { JudgedRequest } from "../gate/gate-run.ts";
import type { Host } from "../host.ts";
import { parseFormats, writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import type { Report } from "../report/report.ts";
import { fromHere, projectFiles, restoreRealUrls, waysAroundInFiles } from "../serving/client-files.ts";
import { refusingUrls } from "../serving/file-answer.ts";
import { isLockUpToDate } from "../serving/lock-check.ts";
import type { LockedPython } from "../serving/locked-python.ts";
import { openWatchedIndex, type WatchedIndex } from "../serving/watched-index.ts";
import { makeNamedCache } from "../settings/cache-folder.ts";
import { policyFor } from "../settings/policy-in-force.ts";
import { sourceDate } from "../source-date.ts";
import { createTalk, type Talk } from "../terminal.ts";

/** `tspip run`: any installer, with a loopback index that passes every file through the gate. */
export async function runBehindGate(words: readonly string[], options: RunOptions, host: Host): Promise<number> {
  const created = sourceDate(host) ?? host.now();
  const destinations = parseFormats(options.format ?? []);
  const command = readCommand(words);
  const talk = createTalk(options, host);
  makeNamedCache(options.cacheDir, host);
  await refuseWaysAround(command, talk, host);
  const policy = await policyFor(options, host);
  const first = await judgeFirst(words, command, options, host);
  if (first.exitCode !== exitCodes.done) return first.exitCode;

  await using index = await openWatchedIndex({ options, policy, talk, host });
  const cache = join(index.directory, "cache");
  const environment = environmentAfter(words, command, options, host);
  const mayLink = isOnSameDisk(index.directory, resolve(host.cwd, environment ?? "."));
  const env = clientEnvironment(host.env, index.url, cache, mayLink);
  // What the lock was judged for is what it must be installed for.
  const executable = first.python?.interpreter.executable;
  const python = executable === undefined ? {} : { UV_PYTHON: executable, PDM_PYTHON: executable };
  const told = first.python?.isVersion && executable !== undefined ? withPython(words, command, executable) : words;
  const built = first.planned.filter(({ ref }) => ref.filename.kind === "sdist");
  const isFrozen = frozenInstead(command, host.env);
  const asFrozen = isFrozen ? { UV_FROZEN: "1" } : {};
  const isUpToDate = !isFrozen || (await isLockUpToDate(command, host));
  const run = isUpToDate
    ? runChild(
        isFrozen ? frozen(told, command) : told,
        { ...env, ...python, ...asFrozen, ...poetryBuilds(built.map(({ ref }) => ref.filename.name)) },
        host,
      )
    : exitCodes.refused;
  if (command.unknown === undefined) index.prepare();
  const childExit = await run;
  for (const file of await restoreRealUrls(command, index.url, index.places, host))
    talk.verbose(`Put the real URLs into "${relative(host.cwd, file)}"`);

  const report = gateReport("run", together(first, await index.judged(childExit !== 0)), policy);
  // The command's own answer is on stdout.
  const shown = isNews(report, options) ? destinations : destinations.filter(({ file }) => file !== undefined);
  await writeReport(report, shown, options.color, { ...host, stdout: host.stderr });
  if (command.unknown !== undefined && report.artifacts.length === 0) talk.warn("No file passed the gate");
  if (options.sbom !== undefined)
    await writeEnvironmentSbom(
      resolve(host.cwd, options.sbom),
      environmentAfter(words, command, options, host),
      created,
      host,
    );
  return host.signal.aborted ? exitCodes.interrupted : exitCodeAfter(childExit, report, index, talk);
}

/** Of a project whose wheels were judged poetry is to build nothing, even where an index lists it no wheel. */
function poetryBuilds(names: readonly string[]): Record<string, string> {
  return { POETRY_INSTALLER_NO_BINARY: [...new Set(names)].join(",") || ":none:" };
}

function isOnSameDisk(one: string, other: string): boolean {
  return statSync(one).dev === statSync(other, { throwIfNoEntry: false })?.dev;
}

/** Where nothing was asked for, as by `pip list`, there is nothing to say; who wants quiet hears of refusals only. */
function isNews({ outcome, artifacts }: Report, { quiet, format }: RunOptions): boolean {
  return outcome !== "allowed" || format !== undefined || (artifacts.length > 0 && Number(quiet) === 0);
}

/** A refusal is exit code 1 whatever the command made of it; else the command's own code counts. */
function exitCodeAfter(childExit: number, { outcome }: Report, index: WatchedIndex, talk: Talk): number {
  for (const failure of index.failures()) talk.warn(failure);
  if (outcome === "refused" || childExit === 0) return exitCodeOf(outcome);
  return childExit;
}

/** What the user types can be mended at once, so it is an error; what stands in files is said. */
async function refuseWaysAround(command: ClientCommand, talk: Talk, host: Host): Promise<void> {
  const [typed] = waysAroundInCommand(command);
  if (typed !== undefined) {
    throw new UsageError(
      "leads-around-gate",
      `${typed.place}: "${typed.what}" leads around the gate: it ${typed.why}`,
      {
        hint:
          typed.hint ??
          "Give indexes to tspip itself (tspip run --index-url URL -- …); install from URLs with tspip install URL",
      },
    );
  }
  if (everyCommand(command).some(isUnguidable)) {
    throw new UsageError(
      "leads-around-gate",
      "poetry cannot be pointed to another index, and this command of it asks one",
      {
        hint: "Let poetry write its lock file alone (poetry lock, poetry add --lock), then: tspip run -- poetry install",
      },
    );
  }
  const others = [...waysAroundInEnvironment(command, host.env), ...(await waysAroundInFiles(command, host))];
  for (const { what, place, why } of others) talk.warn(`${place}: "${what}" ${why}`);
  if (command.unknown !== undefined)
    talk.warn(
      `tspip does not know "${command.unknown}": installers that it starts are led to the gate by their environment, and what they are told beside it is not read`,
    );
}

/** What judging beforehand came to. */
interface JudgedFirst extends Pick<JudgedRequest, "planned" | "judged"> {
  readonly exitCode: number;
  /** What lock files were judged for; absent where there was none. */
  readonly python?: LockedPython;
}

/** Judges what the command takes without asking us: wheels by path, and files that a lock names. */
async function judgeFirst(
  typed: readonly string[],
  command: ClientCommand,
  options: RunOptions,
  host: Host,
): Promise<JudgedFirst> {
  const commands = everyCommand(command);
  const wheels = commands.flatMap((each) => wheelFiles(each, host));
  const locks = (await Promise.all(commands.map((each) => lockFiles(each, options, host)))).flat();
  if (wheels.length + locks.length === 0) return { exitCode: exitCodes.done, planned: [], judged: [] };
  // What asks interpreters and plans takes its time to load, and most commands have nothing to be judged first.
  const { lockedPython } = await import("../serving/locked-python.ts");
  const { interpreterFor } = await import("../gate/target.ts");
  const beside = locks.map(({ file }) => join(dirname(file), ".venv"));
  const environment = environmentAfter(typed, command, options, host, beside);
  const python =
    locks.length > 0
      ? await lockedPython(commands, environment, host)
      : { interpreter: await interpreterFor({ venv: environment }, host), isVersion: false };
  const given = { ...options, deps: false };
  const judging: readonly JudgedApart[] = [
    ...locks.map(({ file, choosesAnew }) => ({
      words: [],
      options: { ...given, lock: file, allExtras: true as const, allGroups: true as const },
      everyFittingFile: choosesAnew,
    })),
    ...(wheels.length === 0 ? [] : [{ words: wheels, options: given }]),
  ];
  const passed: JudgedFirst[] = [];
  for (const each of judging) {
    const first = await judgeApart(each, python.interpreter, host);
    if (first.exitCode !== exitCodes.done) return first;
    passed.push(first);
  }
  return {
    exitCode: exitCodes.done,
    planned: passed.flatMap(({ planned }) => planned),
    judged: passed.flatMap(({ judged }) => judged),
    ...(locks.length > 0 && { python }),
  };
}

/** What was judged first and asked for as well is told once, as it was asked for: then its bytes were looked at. */
function together(
  { planned, judged }: JudgedFirst,
  asked: readonly Judged[],
): Pick<JudgedRequest, "planned" | "judged"> {
  const seen = new Set(asked.map(({ ref }) => ref.filename.text));
  const before = planned
    .map((plan, at) => ({ plan, judged: judged[at] }))
    .filter(({ plan }) => !seen.has(plan.ref.filename.text));
  return {
    planned: before.map(({ plan }) => plan),
    judged: [...before.flatMap(({ judged }) => judged ?? []), ...asked],
  };
}

interface JudgedApart {
  readonly words: readonly string[];
  readonly options: GateOptions;
  /** See RequestedLock. */
  readonly everyFittingFile?: boolean | undefined;
}

async function judgeApart(
  { words, options, everyFittingFile }: JudgedApart,
  interpreter: Interpreter,
  host: Host,
): Promise<JudgedFirst> {
  const { prepareGate, runGate } = await import("../gate/gate-run.ts");
  const run = await prepareGate(words, options, host, {
    severalPerProject: everyFittingFile === true,
    everyFittingFile,
  });
  await using result = await runGate(run, async () => ({ interpreter, installed: [], preferred: [] }));
  const { planned } = result;
  // What a lock has is all that is installed from it; of a wheel, its dependencies are as well.
  const judged =
    words.length === 0 ? result.judged : await Promise.all(result.judged.map((each) => refusingUrls(each)));
  const report = gateReport("run", { planned, judged }, run.policy);
  const exitCode = exitCodeOf(report.outcome);
  const count = report.artifacts.length === 1 ? "1 artifact is" : `${report.artifacts.length} artifacts are`;
  if (exitCode === exitCodes.done) run.talk.info(`Judged ${options.lock ?? words.join(", ")} first: ${count} allowed`);
  else await writeReport(report, run.destinations, options.color, { ...host, stdout: host.stderr });
  return { exitCode, planned, judged };
}

/** As `LockFirst` has it, where it was found. */
interface FoundLock {
  readonly file: string;
  readonly choosesAnew: boolean | undefined;
}

async function lockFiles(command: ClientCommand, options: RunOptions, host: Host): Promise<FoundLock[]> {
  const found = locksFirst(command, host.env).map(async ({ file, isNamed, isOne, choosesAnew }) => {
    const paths = isNamed ? namedFiles(file, command, host) : await projectFiles(file, command, host);
    if (command.client === "poetry" && !isNamed) checkPoetry(paths[0], options, host);
    const texts = isOne && (await Promise.all(paths.map((path) => readFile(path, "utf8"))));
    return paths
      .filter((_, at) => isOne === undefined || isOne(texts?.[at] ?? ""))
      .map((path) => ({ file: relative(host.cwd, path), choosesAnew }));
  });
  return (await Promise.all(found)).flat();
}

function namedFiles(file: string, command: ClientCommand, host: Host): string[] {
  const paths = fromHere(file, command, host).map((each) => resolve(host.cwd, each));
  return paths.filter((path) => existsSync(path));
}

function wheelFiles(command: ClientCommand, host: Host): string[] {
  const named = command.client === undefined ? [] : command.words.flatMap(wheelPaths);
  const files = new Set(named.flatMap((file) => fromHere(file, command, host)));
  return [...files].filter((file) => existsSync(resolve(host.cwd, file)));
}

/** Without a lock file poetry would ask its own index, and in an environment of its own making take other files. */
function checkPoetry(lock: string | undefined, options: RunOptions, host: Host): void {
  if (lock === undefined)
    throw new UsageError("leads-around-gate", "There is no poetry.lock, and without one poetry asks its own index", {
      hint: "Let poetry write it alone (poetry lock), then: tspip run -- poetry install",
    });
  if (environmentFolder(options, host) === undefined)
    throw new UsageError("no-target", "There is no environment yet, so nobody knows which files poetry will take", {
      hint: "Make it first (python3 -m venv .venv) and activate it, or name it with --venv DIR",
    });
}

function environmentFolder({ venv }: RunOptions, { cwd, env }: Host): string | undefined {
  return venv ?? (existsSync(join(cwd, ".venv", "pyvenv.cfg")) ? ".venv" : env.VIRTUAL_ENV);
}

/** The environment that the command has worked on, as far as that is known. */
function environmentAfter(
  words: readonly string[],
  command: ClientCommand,
  options: RunOptions,
  host: Host,
  beside: readonly string[] = [],
): string | undefined {
  const isEnvironment = (folder: string) => existsSync(resolve(host.cwd, folder, "pyvenv.cfg"));
  return (
    options.venv ??
    [...environmentsOf(words, command, host.env), ...beside].find(isEnvironment) ??
    environmentFolder(options, host)
  );
}

async function writeEnvironmentSbom(
  path: string,
  folder: string | undefined,
  created: Date,
  host: Host,
): Promise<void> {
  if (folder === undefined) {
    throw new UsageError(
      "no-target",
      "There is no environment to write the SBOM of: no virtual environment is active",
      {
        hint: "Name it with --venv DIR",
      },
    );
  }
  const { writeSbom } = await import("../audit/sbom-file.ts");
  await writeSbom(path, await openVenv(resolve(host.cwd, folder), host.env), folder, created);
}
