import { resolve } from "node:path";
import { messageOf, UsageError } from "../../errors.ts";
import type { Finding } from "../../verdict/finding.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import type { Report } from "../report/report.ts";

/**
 * What was found before and is accepted: a JSON report of an earlier audit.
 * @returns whether a finding is in it
 * @throws UsageError `invalid-baseline`
 */
export async function readBaseline(path: string | undefined, host: Host): Promise<(found: Finding) => boolean> {
  if (path === undefined) return () => false;
  try {
    const { artifacts, findings }: Report = JSON.parse((await bytesOf(resolve(host.cwd, path), host)).toString("utf8"));
    const accepted = new Set([...findings, ...artifacts.flatMap((artifact) => artifact.findings)].map(keyOf));
    return (found) => accepted.has(keyOf(found));
  } catch (error) {
    throw new UsageError("invalid-baseline", `Cannot read the baseline "${path}": ${messageOf(error)}`, {
      hint: "Write one with tspip audit --format json=FILE",
    });
  }
}

function keyOf({ id, message }: Finding): string {
  return `${id} ${message}`;
}
