import { resolve } from "node:path";
import { isTable, isText, listOf, type Table } from "../../encoding/table.ts";
import { messageOf, UsageError } from "../../errors.ts";
import type { Finding } from "../../verdict/finding.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";

/**
 * What was found before and is accepted: a JSON report of an earlier audit.
 * @returns whether a finding is in it
 * @throws UsageError `invalid-baseline`
 */
export async function readBaseline(
  path: string | undefined,
  host: Pick<Host, "cwd" | "signal">,
): Promise<(found: Finding) => boolean> {
  if (path === undefined) return () => false;
  try {
    const report: unknown = JSON.parse((await bytesOf(resolve(host.cwd, path), host)).toString("utf8"));
    const accepted = new Set(findingsIn(report).map(keyOf));
    return (found) => accepted.has(keyOf(found));
  } catch (error) {
    throw new UsageError("invalid-baseline", `Cannot read the baseline "${path}": ${messageOf(error)}`, {
      hint: "Write one with tspip audit --format json=FILE",
    });
  }
}

function findingsIn(report: unknown): readonly Pick<Finding, "id" | "message">[] {
  if (!isTable(report) || !Array.isArray(report.findings) || !Array.isArray(report.artifacts))
    throw new Error("it is no JSON report of tspip");
  const ofArtifacts = report.artifacts.filter(isTable).flatMap(({ findings }) => listOf(findings));
  return [...report.findings, ...ofArtifacts].filter(isTable).filter(isFinding);
}

function isFinding(value: Table): value is Table & Pick<Finding, "id" | "message"> {
  return isText(value.id) && isText(value.message);
}

function keyOf({ id, message }: Pick<Finding, "id" | "message">): string {
  return `${id} ${message}`;
}
