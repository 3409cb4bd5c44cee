import type { Policy, PolicyRule } from "../../policy/policy.ts";
import { observedPin } from "../../policy/unmet-continuity.ts";
import type { PolicyPinOptions } from "../command-line/policy.ts";
import { exitCodeOf } from "../exit-code.ts";
import { prepareGate, runGate } from "../gate/run-gate.ts";
import { interpreterFor } from "../gate/target.ts";
import type { Host } from "../host.ts";
import { writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import { policyFolder, withPinsFiles, writePins } from "../settings/pins-files.ts";

/** The pins file of rules that name none. */
const usualPins = "tspip.pins.json";

/**
 * `tspip policy pin`: passes what is asked for through the gate, without comparing it with the pins, and pins who
 * signed it: a person takes what is there for right. Nothing is pinned unless all of it is admitted.
 */
export async function policyPin(words: readonly string[], options: PolicyPinOptions, host: Host): Promise<number> {
  const prepared = await prepareGate(words, options, host, { severalPerProject: true });
  const folder = policyFolder(prepared.policy.path, host);
  const policy = await withPinsFiles(pinning(prepared.policy.policy), folder, host);
  const run = { ...prepared, policy: { ...prepared.policy, policy } };
  const askTarget = async () => ({ interpreter: await interpreterFor(options, host), installed: [], preferred: [] });
  await using result = await runGate(run, askTarget);

  const report = gateReport("policy pin", result, run.policy);
  const written =
    report.outcome === "allowed"
      ? await writePins(result.judged, policy, folder, host, ({ mode }, { ref: { filename }, verdict }) =>
          mode === "off" ? undefined : observedPin({ ...filename, filename: filename.text }, verdict.evidence),
        )
      : [];
  await writeReport(report, run.destinations, options.color, host);
  if (report.outcome === "allowed")
    run.talk.info(written.length === 0 ? "Nothing to pin: all of it is pinned" : `Wrote ${written.join(", ")}`);
  return exitCodeOf(report.outcome);
}

/** Every rule compares with pins, so that who signed is looked for, and what differs is told and not refused. */
function pinning(policy: Policy): Policy {
  const pinned = (rule: PolicyRule): PolicyRule => ({
    ...rule,
    continuity: { pins: rule.continuity?.pins ?? usualPins, onNew: "record", onChange: "warn", onLoss: "warn" },
  });
  return { ...policy, default: pinned(policy.default), rules: policy.rules.map(pinned) };
}
