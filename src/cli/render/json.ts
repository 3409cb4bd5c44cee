import type { Report } from "../report/report.ts";
import { printableJson } from "../terminal.ts";

/** The report as one JSON document, schema `tspip-report/1`. */
export function renderJson(report: Report): string {
  return printableJson(`${JSON.stringify(report, null, 2)}\n`);
}
