import type { Judged } from "../inspect/gate.ts";
import { signerFields } from "../trust/signer-fields.ts";
import type { Evidence } from "../verdict/evidence.ts";
import type { Finding } from "../verdict/finding.ts";
import type { PolicyInForce } from "./policy-in-force.ts";
import type { Outcome, Report, ReportedArtifact, ReportedEvidence } from "./report.ts";
import { version } from "./version.ts";

/** The report about what the gate said. */
export function gateReport(
  command: string,
  judged: readonly Judged[],
  policy: PolicyInForce,
  findings: readonly Finding[] = [],
): Report {
  return {
    schema: "tspip-report/1",
    tool: { name: "tspip", version },
    command,
    policy: { source: policy.source, sha256: policy.sha256 },
    outcome: outcomeOf(judged),
    artifacts: judged.map(reportedArtifact),
    findings,
  };
}

/** One refusal refuses the whole; one open question leaves the whole open. */
function outcomeOf(judged: readonly Judged[]): Outcome {
  const decisions = judged.map(({ verdict }) => verdict.decision);
  if (decisions.includes("deny")) return "refused";
  return decisions.includes("undecided") ? "undecided" : "allowed";
}

function reportedArtifact({ ref, artifact, verdict }: Judged): ReportedArtifact {
  const { decision, rule, findings, evidence } = verdict;
  const isWarned = decision === "allow" && findings.some(({ severity }) => severity === "warning");
  return {
    name: ref.filename.name,
    version: ref.filename.version.text,
    filename: ref.filename.text,
    url: ref.url.href,
    ...(artifact && { size: artifact.size, hashes: { ...artifact.digests } }),
    decision: isWarned ? "warn" : decision,
    rule,
    findings,
    evidence: evidence.map(reportedEvidence),
  };
}

function reportedEvidence(evidence: Evidence): ReportedEvidence {
  return {
    kind: evidence.kind,
    outcome: evidence.outcome,
    ...(evidence.kind === "inspector" && { inspector: evidence.inspector }),
    ...(evidence.kind === "record" && evidence.outcome === "verified" && { files: evidence.files }),
    ...(evidence.outcome === "unavailable" && { reason: evidence.reason }),
    ...(evidence.outcome === "invalid" && { reason: evidence.problems.map(({ message }) => message).join("; ") }),
    ...(evidence.kind === "attestation" && reportedAttestation(evidence)),
  };
}

function reportedAttestation(evidence: Extract<Evidence, { kind: "attestation" }>): Partial<ReportedEvidence> {
  const source = evidence.source === undefined ? {} : { source: evidence.source };
  if (evidence.outcome === "absent")
    return { ...source, absence: evidence.absence, ...(evidence.detail && { reason: evidence.detail }) };
  if (evidence.outcome === "unavailable") return source;
  const steps = evidence.steps === undefined ? {} : { steps: evidence.steps };
  if (evidence.outcome === "invalid") return { ...source, ...steps };
  const { format, predicateType, signer, logIndex, signedAt } = evidence;
  return {
    ...source,
    ...(format !== undefined && { format }),
    predicate_type: predicateType,
    signer: signerFields(signer),
    ...(logIndex !== undefined && { log_index: logIndex }),
    integrated_time: signedAt.toISOString(),
    ...steps,
  };
}
