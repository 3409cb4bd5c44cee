import { relative, resolve } from "node:path";
import { readCommand } from "../../clients/client.ts";
import { openVenv } from "../../environment/environment.ts";
import { UsageError } from "../../errors.ts";
import type { RunOptions } from "../command-line/artifacts.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { parseFormats, writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import type { Report } from "../report/report.ts";
import { environmentOfRun } from "../run/environment.ts";
import { judgeFirst, together } from "../run/judge-first.ts";
import { refuseWaysAround } from "../run/refuse-ways-around.ts";
import { restoreRealUrls } from "../run/restore-real-urls.ts";
import type { RunRequest } from "../run/run-request.ts";
import { startCommand } from "../run/start-command.ts";
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
  const request: RunRequest = { words, command, options, host };
  const talk = createTalk(options, host);
  makeNamedCache(options.cacheDir, host);
  await refuseWaysAround(command, talk, host);
  const policy = await policyFor(options, host);
  const first = await judgeFirst(request);
  if (first.exitCode !== exitCodes.done) return first.exitCode;

  await using index = await openWatchedIndex({ options, policy, talk, host });
  const running = startCommand(request, index, first);
  if (command.unknown === undefined) index.prepare();
  const childExit = await running;
  for (const file of await restoreRealUrls(command, index.url, index.places, host))
    talk.verbose(`Put the real URLs into "${relative(host.cwd, file)}"`);

  const report = gateReport("run", together(first, await index.judged(childExit !== 0)), policy);
  // The command's own answer is on stdout.
  const shown = isNews(report, options) ? destinations : destinations.filter(({ file }) => file !== undefined);
  await writeReport(report, shown, options.color, { ...host, stdout: host.stderr });
  if (command.unknown !== undefined && report.artifacts.length === 0) talk.warn("No file passed the gate");
  if (options.sbom !== undefined) await writeEnvironmentSbom(options.sbom, request, created);
  return host.signal.aborted ? exitCodes.interrupted : exitCodeAfter(childExit, report, index, talk);
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

async function writeEnvironmentSbom(file: string, request: RunRequest, created: Date): Promise<void> {
  const { cwd, env } = request.host;
  const folder = environmentOfRun(request);
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
  await writeSbom(resolve(cwd, file), await openVenv(resolve(cwd, folder), env), folder, created);
}
