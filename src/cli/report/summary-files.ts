import { resolve } from "node:path";
import type { SummaryFile } from "../../inspect/inspectors/summary.ts";
import type { TrustedRoot } from "../../trust/trusted-root.ts";
import type { Host } from "../host.ts";
import { once } from "../once.ts";
import { readBytes } from "../read-text.ts";
import { type PolicyInForce, shownPath } from "../settings/policy-in-force.ts";
import { besidePolicy } from "../settings/trusted-root.ts";

/** The files of verification summaries that the user and the policy name, read and verified once. */
export function summaryFiles(
  given: readonly string[],
  inForce: PolicyInForce,
  trustedRoot: () => Promise<TrustedRoot>,
  host: Host,
): SummaryFile[] {
  const { keys, trust } = inForce.policy;
  const known = keys.flatMap(({ key }) => (key.kind === "public-key" ? [key.id] : []));
  const named = [
    ...given.map((source) => ({ source, path: resolve(host.cwd, source) })),
    ...(trust.summaries ?? []).map((source) => ({
      source: shownPath(source, inForce),
      path: besidePolicy(source, inForce, host),
    })),
  ];
  return named.map(({ source, path }) => ({
    source,
    read: once(async () => {
      const bytes = await readBytes(path, `the summaries "${source}"`, host);
      const [{ parseSummaries }, { verifySummaries }] = await Promise.all([
        import("../../summary/envelope.ts"),
        import("../../summary/summaries.ts"),
      ]);
      return verifySummaries(parseSummaries(bytes, source), { keys: known, trustedRoot, now: host.now() });
    }),
  }));
}
