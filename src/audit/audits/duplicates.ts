import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";

/** Which of two versions is imported depends on the order of files: one project is installed once. */
export function* duplicates({ installed }: Facts): Generator<AuditFinding> {
  for (const [name, versions] of Map.groupBy(installed, (each) => each.name)) {
    const [first] = versions;
    if (first === undefined || versions.length < 2) continue;
    const found = versions.map(({ version, site }) => `${version} in "${site}"`).join(", ");
    yield {
      ...finding("duplicate-distribution", `"${name}" is installed ${versions.length} times: ${found}`),
      installed: first,
    };
  }
}
