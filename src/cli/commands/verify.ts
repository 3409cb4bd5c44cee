import { checkDependencies } from "../dependencies.ts";
import { exitCodeOf } from "../exit-code.ts";
import { writeReport } from "../format.ts";
import { prepareGate, runGate } from "../gate-run.ts";
import type { Host } from "../host.ts";
import { gateReport } from "../judge-report.ts";
import { once } from "../once.ts";
import type { VerifyOptions } from "../program.ts";
import { interpreterFor, planTarget } from "../target.ts";

/** `tspip verify`: the gate, and nothing behind it. */
export async function verify(words: readonly string[], options: VerifyOptions, host: Host): Promise<number> {
  const run = await prepareGate(words, options, host, true);
  const askTarget = once(async () => planTarget(await interpreterFor(options, host)));
  await using result = await runGate(run, askTarget);

  const report = gateReport("verify", result, run.policy);
  await writeReport(report, run.destinations, options.color, host);
  // Files that the user named are judged as they are; a set of requirements has to be complete as well.
  const isSet = run.request.plan.requirements.length + run.request.plan.locks.length > 0;
  if (report.outcome === "allowed" && isSet && options.deps)
    await checkDependencies(result.planned, result.judged, [], await askTarget());
  return exitCodeOf(report.outcome);
}
