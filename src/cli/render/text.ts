import type { SignerFields } from "../../trust/signer-fields.ts";
import type { Finding } from "../../verdict/finding.ts";
import type { Report, ReportedArtifact, ReportedEvidence } from "../report.ts";
import { type Paint, printable, printableLine } from "../terminal.ts";

/**
 * The report for people: who vouches for what, then what is wrong, then the outcome in one line. Everything in it may
 * come from outside, so everything is escaped.
 */
export function renderText(report: Report, paint: Paint): string {
  const lines = [
    ...report.artifacts.flatMap((artifact) => renderArtifact(artifact, paint)),
    ...report.findings.flatMap((finding) => renderFinding(finding, paint, "")),
    renderOutcome(report, paint),
  ];
  return `${lines.join("\n")}\n`;
}

function renderArtifact(artifact: ReportedArtifact, paint: Paint): string[] {
  const { decision, filename, findings } = artifact;
  const mark = {
    allow: paint("green", "ok"),
    warn: paint("yellow", "warn"),
    deny: paint("red", "refused"),
    undecided: paint("yellow", "undecided"),
  };
  const vouching = artifact.evidence.flatMap(vouches);
  return [
    `${mark[decision]} ${paint("bold", printableLine(filename))}`,
    ...(vouching.length > 0 ? [paint("dim", `   ${printableLine(vouching.join(" · "))}`)] : []),
    ...artifact.evidence.flatMap((evidence) => renderSteps(evidence, paint)),
    ...findings.flatMap((finding) => renderFinding(finding, paint, "   ")),
  ];
}

/** What one piece of evidence says for the artifact, in a few words; what says nothing for it stands in the findings. */
function vouches(evidence: ReportedEvidence): string[] {
  if (evidence.kind === "attestation") return [attestationWords(evidence)];
  if (evidence.outcome !== "verified") return [];
  switch (evidence.kind) {
    case "user-hash":
      return ["hash pinned by you"];
    case "index-digest":
      return ["hash promised by the index"];
    case "record":
      return [`${evidence.files ?? 0} files match RECORD`];
    default:
      return [];
  }
}

/** `--explain`: what was checked of an attestation, step by step. */
function renderSteps({ source = "", format, outcome, steps = [] }: ReportedEvidence, paint: Paint): string[] {
  if (steps.length === 0) return [];
  const title = `   ${printableLine(source)}${format === undefined ? "" : ` (${format})`}: ${outcome}`;
  return [title, ...steps.map(({ check, detail }) => `     ${paint("green", check)} ${printableLine(detail)}`)];
}

const absences: Readonly<Record<string, string>> = {
  none: "no attestation",
  unknown: "no attestation known",
  refused: "the index refuses to show attestations",
  empty: "a provenance document without attestations",
  predicate: "no attestation of a kind that counts",
};

function attestationWords({ outcome, signer, log_index, absence, predicate_type }: ReportedEvidence): string {
  if (outcome === "absent") return absences[absence ?? ""] ?? "no attestation";
  if (outcome !== "verified" || signer === undefined) return `attestation ${outcome}`;
  const predicate = predicate_type?.includes("slsa") ? "built" : "published";
  return `${predicate} by ${signerWords(signer)}${log_index === undefined ? "" : `, log index ${log_index}`}`;
}

const kinds: Readonly<Record<string, string>> = {
  github: "GitHub",
  gitlab: "GitLab",
  google: "Google",
  circleci: "CircleCI",
  activestate: "ActiveState",
};

function signerWords(signer: SignerFields): string {
  const who = signer.repository ?? signer.email ?? signer.vcs_origin ?? signer.project_id ?? signer.subject;
  const workflow = signer.workflow === undefined ? "" : ` ${signer.workflow}`;
  return `${kinds[signer.kind] ?? signer.kind} ${who ?? "(no name)"}${workflow}`;
}

function renderFinding({ id, severity, message, hint }: Finding, paint: Paint, indent: string): string[] {
  const style = severity === "error" ? "red" : severity === "warning" ? "yellow" : "cyan";
  const body = printable(message).replaceAll("\n", `\n${indent}  `);
  return [
    `${indent}${paint(style, `${severity}[${id}]`)} ${body}`,
    `${indent}${paint("cyan", "hint:")} ${printableLine(hint)}`,
  ];
}

function renderOutcome({ outcome, artifacts, policy, command }: Report, paint: Paint): string {
  const count = (decision: ReportedArtifact["decision"]) =>
    artifacts.filter((artifact) => artifact.decision === decision).length;
  const [denied, undecided] = [count("deny"), count("undecided")];
  const under = `under policy "${printableLine(policy.source)}"`;
  const all = `${artifacts.length} ${artifacts.length === 1 ? "artifact" : "artifacts"}`;
  if (outcome === "allowed") return `${paint("green", "Allowed")} ${all} ${under}`;
  const nothing = command === "install" ? "; nothing was installed" : "";
  if (outcome === "refused") return `${paint("red", "Refused")} ${denied} of ${all} ${under}${nothing}`;
  return `${paint("yellow", "Undecided")} about ${undecided} of ${all} ${under}${nothing}`;
}
