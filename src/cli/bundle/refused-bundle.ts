import type { Finding } from "../../verdict/finding.ts";
import type { GateOptions } from "../command-line/options.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { parseFormats, writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import { policyFor } from "../settings/policy-in-force.ts";

/** Says why nothing of a bundle was taken. @returns the exit code */
export async function reportRefusedBundle(
  command: string,
  { findings }: { readonly findings: readonly Finding[] },
  options: GateOptions,
  host: Host,
): Promise<number> {
  const report = gateReport(command, { planned: [], judged: [] }, await policyFor(options, host), findings);
  await writeReport(report, parseFormats(options.format ?? []), options.color, host);
  return exitCodes.refused;
}
