import type { Report, ReportedArtifact, ReportedChange, ReportedCoverage } from "../report/report.ts";
import { printableLine } from "../terminal.ts";
import {
  counted,
  coverageWords,
  isByPolicy,
  signerChangeWords,
  unseenWords,
  upcomingWords,
  versionWords,
  vouching,
} from "./words.ts";

/** GitHub takes one MiB a step and fails the upload above it. */
const maxRows = 500;

/** The report as the Markdown that GitHub shows on a run's page ($GITHUB_STEP_SUMMARY). */
export function renderStepSummary(report: Report): string {
  const { artifacts, changes = [], coverage, findings, command, outcome, policy } = report;
  const wrong = artifacts.filter(({ findings }) => findings.length > 0);
  const lines = [
    `## ${titles[outcome]} tspip ${text(command)}: ${outcome}, ${counted(artifacts.length, "artifact")}`,
    "",
    ...(isByPolicy(report) ? [`Policy ${code(policy.source)}, sha256 ${code(policy.sha256)}`, ""] : []),
    ...unseenNote(artifacts),
    ...changeTable(changes),
    ...coverageList(coverage),
    ...findingTable(wrong),
    ...findings.flatMap(({ id, severity, message }) => [`- **${severity}[${id}]** ${text(message)}`, ""]),
    `<details><summary>Who vouches for what</summary>`,
    "",
    "| artifact | decision | what speaks for it |",
    "|---|---|---|",
    ...artifacts.slice(0, maxRows).map(artifactRow),
    ...more(artifacts),
    "",
    "</details>",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

const titles = { allowed: "✅", refused: "❌", undecided: "❔" } as const;

function unseenNote(artifacts: readonly ReportedArtifact[]): string[] {
  const words = unseenWords(artifacts);
  return words === undefined ? [] : [`${text(words)}.`, ""];
}

function changeTable(changes: readonly ReportedChange[]): string[] {
  if (changes.length === 0) return [];
  const row = (change: ReportedChange) =>
    `| ${change.change} | ${code(change.name)} | ${text(versionWords(change))} | ${text(signerChangeWords(change))} |`;
  return [
    "| change | project | version | signers |",
    "|---|---|---|---|",
    ...changes.slice(0, maxRows).map(row),
    ...more(changes),
    "",
  ];
}

function coverageList(coverage: ReportedCoverage | undefined): string[] {
  if (coverage === undefined) return [];
  return [
    `- Coverage: ${text(coverageWords(coverage))}`,
    ...coverage.upcoming.map((tightening) => `- Upcoming: ${text(upcomingWords(tightening))}`),
    "",
  ];
}

function findingTable(wrong: readonly ReportedArtifact[]): string[] {
  if (wrong.length === 0) return [];
  return [
    "| artifact | finding | why | what to do |",
    "|---|---|---|---|",
    ...wrong
      .slice(0, maxRows)
      .flatMap(({ filename, findings }) =>
        findings.map(
          ({ id, severity, message, hint }) =>
            `| ${code(filename)} | **${severity}** ${code(id)} | ${text(message)} | ${text(hint)} |`,
        ),
      ),
    ...more(wrong),
    "",
  ];
}

function artifactRow(artifact: ReportedArtifact): string {
  return `| ${code(artifact.filename)} | ${artifact.decision} | ${text(vouching(artifact).join(" · "))} |`;
}

function more(rows: readonly unknown[]): string[] {
  return rows.length > maxRows ? ["", `… and ${rows.length - maxRows} more, see the log`] : [];
}

/**
 * Text that Markdown must take as it is: punctuation stands as character references, so that it is no markup, no HTML, no
 * link, no mention and no end of a table's cell.
 */
function text(value: string): string {
  return printableLine(value)
    .slice(0, 1000)
    .replace(/[!"#$%&*+.:;<=>?@[\\\]^_`{|}~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The same in a fixed-width type. */
function code(value: string): string {
  return `<code>${text(value)}</code>`;
}
