import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AuditFinding } from "../../audit/audit-finding.ts";
import type { Facts } from "../../audit/facts.ts";
import type { Installed } from "../../environment/installed.ts";
import type { Finding, Severity } from "../../verdict/finding.ts";
import type { AuditOptions } from "../command-line/environment.ts";
import type { Outcome, Report, ReportedArtifact } from "../report/report.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import { version } from "../version.ts";
import type { OnlineAnswer } from "./audit-online.ts";

/** From the least on. */
const severities = ["note", "warning", "error"] as const;

type Judging = Pick<AuditOptions, "failOn" | "policy">;

/** What an audit has learnt of one environment. */
export interface AuditedEnvironment {
  readonly facts: Facts;
  /** Without what is accepted. */
  readonly found: readonly AuditFinding[];
  readonly answers: ReadonlyMap<Installed, OnlineAnswer>;
}

/** What the report says of an environment. The facts of many are too much to be kept. */
export type ReportedEnvironment = Pick<Report, "artifacts" | "findings">;

export function reportOn({ facts, found, answers }: AuditedEnvironment, options: Judging): ReportedEnvironment {
  const { installed } = facts;
  return {
    artifacts: installed.map((each) => {
      const artifact = reported(each, found, options.failOn);
      return options.policy === undefined ? artifact : withVerdict(artifact, answers.get(each));
    }),
    // What is of no distribution, or of one that could not be read.
    findings: found.filter((each) => each.installed === undefined || !installed.includes(each.installed)).map(plain),
  };
}

export function auditReport(
  environments: readonly ReportedEnvironment[],
  { source, sha256 }: PolicyInForce,
  options: Judging,
): Report {
  const artifacts = environments.flatMap((each) => each.artifacts);
  const findings = environments.flatMap((each) => each.findings);
  const all = [...findings, ...artifacts.flatMap((artifact) => artifact.findings)];
  const isRefused = all.some(({ severity }) => counts(severity, options.failOn));
  return {
    schema: "tspip-report/1",
    tool: { name: "tspip", version },
    command: "audit",
    policy: { source, sha256 },
    outcome: outcomeOf(artifacts, isRefused),
    artifacts,
    findings,
  };
}

function reported(installed: Installed, found: readonly AuditFinding[], failOn: Severity): ReportedArtifact {
  const { name, version: installedVersion, receipt, site, distInfo } = installed;
  const own = found.filter((each) => each.installed === installed).map(plain);
  const isRefused = own.some(({ severity }) => counts(severity, failOn));
  const isWarned = own.some(({ severity }) => severity !== "note");
  return {
    name,
    version: installedVersion,
    filename: receipt?.artifact.filename ?? distInfo,
    url: receipt?.artifact.url ?? pathToFileURL(join(site, distInfo)).href,
    ...(receipt && { size: receipt.artifact.size, hashes: receipt.artifact.hashes }),
    decision: isRefused ? "deny" : isWarned ? "warn" : "allow",
    rule: "audit",
    findings: own,
    evidence: [],
  };
}

/** What the policy that the user names makes of it. */
function withVerdict(artifact: ReportedArtifact, answer: OnlineAnswer | undefined): ReportedArtifact {
  const verdict = answer?.judged?.verdict;
  const isOpen = verdict === undefined || verdict.decision === "undecided";
  const decision =
    artifact.decision === "deny" || verdict?.decision === "deny" ? "deny" : isOpen ? "undecided" : artifact.decision;
  return { ...artifact, decision, rule: verdict?.rule ?? artifact.rule };
}

/** What cannot be judged leaves the question open, unless something is refused. */
function outcomeOf(artifacts: readonly ReportedArtifact[], isRefused: boolean): Outcome {
  const decisions = new Set(artifacts.map(({ decision }) => decision));
  if (isRefused || decisions.has("deny")) return "refused";
  return decisions.has("undecided") ? "undecided" : "allowed";
}

function counts(severity: Severity, failOn: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(failOn);
}

function plain({ installed: _, ...finding }: AuditFinding): Finding {
  return finding;
}
