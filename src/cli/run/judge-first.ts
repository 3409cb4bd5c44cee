import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { type ClientCommand, everyCommand } from "../../clients/client.ts";
import { locksFirst } from "../../clients/locks-first.ts";
import { wheelPaths } from "../../clients/requirements-files.ts";
import type { Interpreter } from "../../environment/interpreter.ts";
import { UsageError } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import type { GateOptions } from "../command-line/options.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import type { JudgedRequest } from "../gate/run-gate.ts";
import type { Host } from "../host.ts";
import { writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import { refusingUrls } from "../serving/file-answer.ts";
import { environmentHere, environmentOfRun } from "./environment.ts";
import type { LockedPython } from "./locked-python.ts";
import { fromHere, projectFiles } from "./project-files.ts";
import type { RunRequest } from "./run-request.ts";

/** What judging beforehand came to. */
export interface JudgedFirst extends Pick<JudgedRequest, "planned" | "judged"> {
  readonly exitCode: number;
  /** What lock files were judged for; absent where there was none. */
  readonly python?: LockedPython;
}

/** Judges what the command takes without asking us: wheels by path, and files that a lock names. */
export async function judgeFirst(request: RunRequest): Promise<JudgedFirst> {
  const { command, options, host } = request;
  const commands = everyCommand(command);
  const wheels = commands.flatMap((each) => wheelFiles(each, host));
  const locks = (await Promise.all(commands.map((each) => lockFiles(each, request)))).flat();
  if (wheels.length + locks.length === 0) return { exitCode: exitCodes.done, planned: [], judged: [] };
  // What asks interpreters and plans takes its time to load, and most commands have nothing to be judged first.
  const { lockedPython } = await import("./locked-python.ts");
  const { interpreterFor } = await import("../gate/target.ts");
  const beside = locks.map(({ file }) => join(dirname(file), ".venv"));
  const environment = environmentOfRun(request, beside);
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
export function together(
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
  const { prepareGate, runGate } = await import("../gate/run-gate.ts");
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

async function lockFiles(command: ClientCommand, request: RunRequest): Promise<FoundLock[]> {
  const { host } = request;
  const found = locksFirst(command, host.env).map(async ({ file, isNamed, isOne, choosesAnew }) => {
    const paths = isNamed ? namedFiles(file, command, host) : await projectFiles(file, command, host);
    if (command.client === "poetry" && !isNamed) checkPoetry(paths[0], request);
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
function checkPoetry(lock: string | undefined, request: RunRequest): void {
  if (lock === undefined)
    throw new UsageError("leads-around-gate", "There is no poetry.lock, and without one poetry asks its own index", {
      hint: "Let poetry write it alone (poetry lock), then: tspip run -- poetry install",
    });
  if (environmentHere(request) === undefined)
    throw new UsageError("no-target", "There is no environment yet, so nobody knows which files poetry will take", {
      hint: "Make it first (python3 -m venv .venv) and activate it, or name it with --venv DIR",
    });
}
