import type { Finding } from "../../verdict/finding.ts";
import type { Report } from "../report/report.ts";
import { type Paint, printable, printableLine } from "../terminal.ts";
import { counted } from "./words.ts";

export interface AuditDetail {
  /** Whether each note is told. */
  readonly notes?: boolean;
}

/**
 * The report of an audit for people: what is wrong, by kind, each kind with its hint once. Notes are counted, and told
 * only where they are asked for: an environment that another installer made has one for each distribution.
 */
export function renderAudit(
  { outcome, artifacts, findings }: Report,
  paint: Paint,
  { notes: areNotesTold = false }: AuditDetail,
): string {
  const all = [...findings, ...artifacts.flatMap((artifact) => artifact.findings)];
  const [notes, others] = [all.filter(isNote), all.filter((finding) => !isNote(finding))];
  const kinds = Map.groupBy(areNotesTold ? [...others, ...notes] : others, ({ severity, id }) => `${severity}[${id}]`);
  const of = (severity: Finding["severity"]) => others.filter((finding) => finding.severity === severity).length;
  const counts = [counted(of("error"), "error"), counted(of("warning"), "warning"), counted(notes.length, "note")];
  const verdict = outcome === "allowed" ? paint("green", "Passed") : paint("red", "Failed");
  const lines = [
    ...[...kinds].flatMap(([kind, found]) => renderKind(kind, found, paint)),
    `${verdict}: ${counted(artifacts.length, "distribution")} audited, ${counts.join(", ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function renderKind(kind: string, found: readonly Finding[], paint: Paint): string[] {
  const [first] = found;
  const style = styles[first?.severity ?? "note"];
  return [
    ...found.map(({ message }) => `${paint(style, kind)} ${printable(message).replaceAll("\n", "\n  ")}`),
    `${paint("cyan", "hint:")} ${printableLine(first?.hint ?? "")}`,
  ];
}

const styles = { error: "red", warning: "yellow", note: "cyan" } as const;

function isNote({ severity }: Finding): boolean {
  return severity === "note";
}
