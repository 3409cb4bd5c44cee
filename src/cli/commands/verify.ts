import { exitCodeOf } from "../exit-code.ts";
import { writeReport } from "../format.ts";
import { prepareGate, runGate } from "../gate-run.ts";
import type { Host } from "../host.ts";
import { gateReport } from "../judge-report.ts";
import type { VerifyOptions } from "../program.ts";
import { interpreterFor } from "../target.ts";

/** `tspip verify`: the gate, and nothing behind it. */
export async function verify(words: readonly string[], options: VerifyOptions, host: Host): Promise<number> {
  const run = await prepareGate(words, options, host, true);
  const askTarget = async () => ({ interpreter: await interpreterFor(options, host), installed: [], preferred: [] });
  await using result = await runGate(run, askTarget);

  const report = gateReport("verify", result, run.policy);
  await writeReport(report, run.destinations, options.color, host);
  return exitCodeOf(report.outcome);
}
