import type { Judged } from "../../inspect/gate-request.ts";
import { signerFields } from "../../trust/signer-fields.ts";
import type { Evidence } from "../../verdict/evidence.ts";
import type { Finding } from "../../verdict/finding.ts";
import type { JudgedRequest } from "../gate/run-gate.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import { version } from "../version.ts";
import type { Outcome, Report, ReportedArtifact, ReportedEvidence, ReportedPlace } from "./report.ts";

/** The report about what the gate said. */
export function gateReport(
  command: string,
  { planned, judged }: Pick<JudgedRequest, "planned" | "judged">,
  policy: PolicyInForce,
  findings: readonly Finding[] = [],
): Report {
  return {
    schema: "tspip-report/1",
    tool: { name: "tspip", version },
    command,
    policy: { source: policy.source, sha256: policy.sha256 },
    outcome: outcomeOf(judged, findings),
    artifacts: judged.map((one, at) => reportedArtifact(one, planned[at]?.place)),
    findings,
  };
}

/** One refusal refuses the whole; one open question leaves the whole open. */
function outcomeOf(judged: readonly Judged[], findings: readonly Finding[]): Outcome {
  if (findings.some(({ severity }) => severity === "error")) return "refused";
  const decisions = judged.map(({ verdict }) => verdict.decision);
  if (decisions.includes("deny")) return "refused";
  return decisions.includes("undecided") ? "undecided" : "allowed";
}

function reportedArtifact(
  { ref, artifact, sha256, unseen = [], verdict }: Judged,
  asked: string | undefined,
): ReportedArtifact {
  const { decision, rule, findings, evidence } = verdict;
  const place = reportedPlace(asked);
  const isWarned = decision === "allow" && findings.some(({ severity }) => severity === "warning");
  return {
    name: ref.filename.name,
    version: ref.filename.version.text,
    filename: ref.filename.text,
    url: ref.url.href,
    ...(place && { place }),
    ...(artifact && { size: artifact.size, hashes: { ...artifact.digests } }),
    ...(sha256 !== undefined && { hashes: { sha256 } }),
    decision: isWarned ? "warn" : decision,
    rule,
    findings,
    evidence: evidence.map(reportedEvidence),
    ...(unseen.length > 0 && { unseen }),
  };
}

/** `requirements.txt:3`, or the path of an artifact; a word of the command line has no place. */
function reportedPlace(place = "argument"): ReportedPlace | undefined {
  if (place === "argument") return undefined;
  const [, file, line] = /^(.+):(\d+)$/s.exec(place) ?? [];
  return file === undefined ? { file: place } : { file, line: Number(line) };
}

function reportedEvidence(evidence: Evidence): ReportedEvidence {
  return {
    kind: evidence.kind,
    outcome: evidence.outcome,
    ...(evidence.kind === "inspector" && { inspector: evidence.inspector }),
    ...(evidence.kind === "user-hash" &&
      evidence.outcome === "verified" &&
      evidence.pinnedBy !== undefined && { pinned_by: evidence.pinnedBy }),
    ...(evidence.kind === "record" && evidence.outcome === "verified" && { files: evidence.files }),
    ...(evidence.outcome === "unavailable" && { reason: evidence.reason }),
    ...(evidence.outcome === "invalid" && { reason: evidence.problems.map(({ message }) => message).join("; ") }),
    ...(evidence.kind === "attestation" && reportedAttestation(evidence)),
    ...(evidence.kind === "wheel-signature" && reportedSignature(evidence)),
    ...(evidence.kind === "summary" && reportedSummary(evidence)),
  };
}

function reportedAttestation(evidence: Extract<Evidence, { kind: "attestation" }>): Partial<ReportedEvidence> {
  const source = evidence.source === undefined ? {} : { source: evidence.source };
  if (evidence.outcome === "absent")
    return { ...source, absence: evidence.absence, ...(evidence.detail && { reason: evidence.detail }) };
  if (evidence.outcome === "unavailable") return source;
  const steps = evidence.steps === undefined ? {} : { steps: evidence.steps };
  if (evidence.outcome === "invalid") return { ...source, ...steps };
  const { format, predicateType, signer, build, logIndex, signedAt } = evidence;
  return {
    ...source,
    ...(format !== undefined && { format }),
    predicate_type: predicateType,
    signer: signerFields(signer),
    ...(build?.builderId !== undefined && { builder_id: build.builderId }),
    ...(build?.buildType !== undefined && { build_type: build.buildType }),
    ...(build !== undefined && { parameters: build.parameters }),
    ...(logIndex !== undefined && { log_index: logIndex }),
    integrated_time: signedAt.toISOString(),
    ...steps,
  };
}

function reportedSignature(evidence: Extract<Evidence, { kind: "wheel-signature" }>): Partial<ReportedEvidence> {
  if (evidence.outcome === "absent") return {};
  const { source } = evidence;
  if (evidence.outcome === "unknown")
    return { source, reason: evidence.reason, ...(evidence.key && { key: evidence.key }) };
  if (evidence.outcome !== "verified") return { source };
  const { key, keyName, form } = evidence;
  return { source, key, ...(keyName !== undefined && { key_name: keyName }), form };
}

function reportedSummary(evidence: Extract<Evidence, { kind: "summary" }>): Partial<ReportedEvidence> {
  if (evidence.outcome === "absent") return {};
  const { source } = evidence;
  if (evidence.outcome !== "verified") return { source };
  const { signedBy, verifier, result, timeVerified } = evidence;
  const by = signedBy.kind === "key" ? { key: signedBy.key } : { signer: signerFields(signedBy.signer) };
  return { source, ...by, verifier, result, time_verified: timeVerified.toISOString() };
}
