import { exitCodeOf } from "../exit-code.ts";
import { writeReport } from "../format.ts";
import { type GateRun, prepareGate, runGate } from "../gate-run.ts";
import type { Host } from "../host.ts";
import { gateReport } from "../judge-report.ts";
import { openLockMemory } from "../lock-memory.ts";
import type { VerifyOptions } from "../program.ts";
import { rememberedInterpreter } from "../remembered-interpreter.ts";
import { interpreterFor } from "../target.ts";

/** `tspip verify`: the gate, and nothing behind it. */
export async function verify(words: readonly string[], options: VerifyOptions, host: Host): Promise<number> {
  const run = withMemory(await prepareGate(words, options, host, true), options);
  const { memory } = run;
  const interpreter = () =>
    memory === undefined || options.venv !== undefined
      ? interpreterFor(options, host)
      : rememberedInterpreter(options, memory, host);
  const askTarget = async () => ({ interpreter: await interpreter(), installed: [], preferred: [] });
  await using result = await runGate(run, askTarget);

  const report = gateReport("verify", result, run.policy);
  await writeReport(report, run.destinations, options.color, host);
  return exitCodeOf(report.outcome);
}

/** Nothing is installed here, so the digests of a lock file may stand for the bytes. */
function withMemory(run: GateRun, { download, cacheDir }: VerifyOptions): GateRun {
  if (download === true || run.request.plan.locks.length === 0) return run;
  return { ...run, memory: openLockMemory(cacheDir, run.talk, run.host) };
}
