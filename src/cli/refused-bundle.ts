import type { Finding } from "../verdict/finding.ts";
import type { GateOptions } from "./command-line/options.ts";
import { exitCodes } from "./exit-code.ts";
import { parseFormats, writeReport } from "./format.ts";
import type { Host } from "./host.ts";
import { gateReport } from "./judge-report.ts";
import { policyFor } from "./policy-in-force.ts";

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
