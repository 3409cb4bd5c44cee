import type { Finding } from "../../verdict/finding.ts";
import type { Report, ReportedArtifact, ReportedEvidence } from "../report/report.ts";
import { type Paint, printable, printableLine } from "../terminal.ts";
import {
  counted,
  coverageWords,
  releaseWords,
  signerChangeWords,
  signerShareWords,
  unattestedWords,
  unseenWords,
  upcomingWords,
  versionWords,
  vouching,
} from "./words.ts";

/**
 * The report for people: who vouches for what, then what is wrong, then the outcome in one line. Everything in it may
 * come from outside, so everything is escaped.
 */
export function renderText(report: Report, paint: Paint): string {
  const lines = [
    ...report.artifacts.flatMap((artifact) => renderArtifact(artifact, paint)),
    ...report.findings.flatMap((finding) => renderFinding(finding, paint, "")),
    ...renderChanges(report, paint),
    ...renderCoverage(report, paint),
    ...renderUnseen(report, paint),
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
  const words = vouching(artifact);
  return [
    `${mark[decision]} ${paint("bold", printableLine(filename))}`,
    ...(words.length > 0 ? [paint("dim", `   ${printableLine(words.join(" · "))}`)] : []),
    ...(artifact.release ? [paint("dim", `   ${printableLine(releaseWords(artifact.release))}`)] : []),
    ...artifact.evidence.flatMap((evidence) => renderSteps(evidence, paint)),
    ...findings.flatMap((finding) => renderFinding(finding, paint, "   ")),
  ];
}

/** `--explain`: what was checked of an attestation, step by step. */
function renderSteps({ source = "", format, outcome, steps = [] }: ReportedEvidence, paint: Paint): string[] {
  if (steps.length === 0) return [];
  const title = `   ${printableLine(source)}${format === undefined ? "" : ` (${format})`}: ${outcome}`;
  return [title, ...steps.map(({ check, detail }) => `     ${paint("green", check)} ${printableLine(detail)}`)];
}

function renderFinding({ id, severity, message, hint }: Finding, paint: Paint, indent: string): string[] {
  const style = severity === "error" ? "red" : severity === "warning" ? "yellow" : "cyan";
  const body = printable(message).replaceAll("\n", `\n${indent}  `);
  return [
    `${indent}${paint(style, `${severity}[${id}]`)} ${body}`,
    `${indent}${paint("cyan", "hint:")} ${printableLine(hint)}`,
  ];
}

/** `--diff`: one line a project. */
function renderChanges({ changes }: Report, paint: Paint): string[] {
  if (changes === undefined) return [];
  if (changes.length === 0) return ["Nothing changed between the lock files"];
  const marks = { added: paint("green", "+"), changed: paint("yellow", "~"), removed: paint("dim", "-") };
  return changes.map((change) => {
    const words = signerChangeWords(change);
    const isWorse = change.signers === "lost" || change.signers === "changed";
    const signers = words === "" ? "" : ` · ${paint(isWorse ? "red" : "dim", printableLine(words))}`;
    return `${marks[change.change]} ${printableLine(`${change.name} ${versionWords(change)}`)}${signers}`;
  });
}

/** `--report-coverage`: what is attested and by whom, and what will be refused when rules are enforced that only warn. */
function renderCoverage({ coverage }: Report, paint: Paint): string[] {
  if (coverage === undefined) return [];
  return [
    `${paint("bold", "Coverage")} ${coverageWords(coverage)}`,
    ...coverage.signers.map((one) => `   ${printableLine(signerShareWords(one))}`),
    ...coverage.unattested.map(({ filename, state }) => `   ${printableLine(filename)}: ${unattestedWords[state]}`),
    ...coverage.upcoming.flatMap((tightening) => [
      `${paint("bold", "Upcoming")} ${printableLine(upcomingWords(tightening))}`,
      ...tightening.artifacts.flatMap(({ filename, findings }) => [
        `   ${paint("bold", printableLine(filename))}`,
        ...findings.flatMap((finding) => renderFinding(finding, paint, "      ")),
      ]),
    ]),
  ];
}

function renderUnseen({ artifacts }: Report, paint: Paint): string[] {
  const words = unseenWords(artifacts);
  return words === undefined ? [] : [`${paint("cyan", "note:")} ${words}`];
}

function renderOutcome({ outcome, artifacts, policy, command }: Report, paint: Paint): string {
  const count = (decision: ReportedArtifact["decision"]) =>
    artifacts.filter((artifact) => artifact.decision === decision).length;
  const [denied, undecided] = [count("deny"), count("undecided")];
  const under = `under policy "${printableLine(policy.source)}"`;
  const all = counted(artifacts.length, "artifact");
  if (outcome === "allowed") return `${paint("green", "Allowed")} ${all} ${under}`;
  const undone = { install: "installed", download: "downloaded", publish: "uploaded", attest: "signed" }[command];
  const nothing = undone === undefined ? "" : `; nothing was ${undone}`;
  if (outcome === "refused") {
    const what = artifacts.length === 0 ? "before any artifact was looked at" : `${denied} of ${all} ${under}`;
    return `${paint("red", "Refused")} ${what}${nothing}`;
  }
  return `${paint("yellow", "Undecided")} about ${undecided} of ${all} ${under}${nothing}`;
}
