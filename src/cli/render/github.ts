import type { Finding, Severity } from "../../verdict/finding.ts";
import { findingCatalog } from "../../verdict/finding-catalog.ts";
import type { Report, ReportedPlace } from "../report/report.ts";
import { printable } from "../terminal.ts";

const commands: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "notice" };
const order: readonly Severity[] = ["error", "warning", "note"];

/** GitHub shows this many annotations of a kind for one step, and drops the rest in silence. */
const shownAnnotations = 10;

/**
 * Findings as workflow commands: annotations at the lines of the requirements or lock file. Those that refuse come first.
 * What GitHub would drop is counted, so that nobody takes ten findings for all of them.
 */
export function renderAnnotations(report: Report, toRepositoryPath: (file: string) => string): string {
  const found: (readonly [Finding, ReportedPlace | undefined])[] = [
    ...report.artifacts.flatMap(({ findings, place }) => findings.map((finding) => [finding, place] as const)),
    ...report.findings.map((finding) => [finding, undefined] as const),
  ];
  const lines = order.flatMap((severity) => {
    const ofSeverity = found.filter(([finding]) => finding.severity === severity);
    const isTooMany = ofSeverity.length > shownAnnotations;
    const shown = isTooMany ? ofSeverity.slice(0, shownAnnotations - 1) : ofSeverity;
    const rest = ofSeverity.length - shown.length;
    return [
      ...shown.map(([finding, place]) => annotation(finding, place, toRepositoryPath)),
      ...(isTooMany ? [`::${commands[severity]}::and ${rest} more; the log and the step summary have them all`] : []),
    ];
  });
  return lines.map((line) => `${line}\n`).join("");
}

function annotation(
  { id, severity, message, hint }: Finding,
  place: ReportedPlace | undefined,
  toRepositoryPath: (file: string) => string,
): string {
  const properties = [
    ...(place === undefined ? [] : [`file=${escapeProperty(toRepositoryPath(place.file))}`]),
    ...(place?.line === undefined ? [] : [`line=${place.line}`]),
    `title=${escapeProperty(`${findingCatalog[id].title} (${id})`)}`,
  ];
  return `::${commands[severity]} ${properties.join(",")}::${escapeData(`${message}\n${hint}`)}`;
}

/** As actions/toolkit writes them: `%`, CR and LF are what could end a command or begin another. */
function escapeData(text: string): string {
  return printable(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
