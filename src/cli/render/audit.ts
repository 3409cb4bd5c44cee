import type { Finding } from "../../verdict/finding.ts";
import type { Report } from "../report/report.ts";
import { type Paint, printable, printableLine } from "../terminal.ts";
import { counted } from "./words.ts";

/**
 * The report of an audit for people: what is wrong, by kind, each kind with its hint once. Notes are counted; the other
 * formats have them.
 */
export function renderAudit({ outcome, artifacts, findings }: Report, paint: Paint): string {
  const all = [...findings, ...artifacts.flatMap((artifact) => artifact.findings)];
  const kinds = Map.groupBy(
    all.filter(({ severity }) => severity !== "note"),
    ({ severity, id }) => `${severity}[${id}]`,
  );
  const of = (severity: Finding["severity"]) => all.filter((finding) => finding.severity === severity).length;
  const counts = [counted(of("error"), "error"), counted(of("warning"), "warning"), counted(of("note"), "note")];
  const verdict = outcome === "allowed" ? paint("green", "Passed") : paint("red", "Failed");
  const lines = [
    ...[...kinds].flatMap(([kind, found]) => renderKind(kind, found, paint)),
    `${verdict}: ${counted(artifacts.length, "distribution")} audited, ${counts.join(", ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function renderKind(kind: string, found: readonly Finding[], paint: Paint): string[] {
  const style = kind.startsWith("error") ? "red" : "yellow";
  const [first] = found;
  return [
    ...found.map(({ message }) => `${paint(style, kind)} ${printable(message).replaceAll("\n", "\n  ")}`),
    `${paint("cyan", "hint:")} ${printableLine(first?.hint ?? "")}`,
  ];
}
