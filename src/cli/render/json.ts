import type { Report } from "../report.ts";

/** The report as one JSON document, schema `tspip-report/1`. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
