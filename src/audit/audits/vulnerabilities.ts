import { finding } from "../../verdict/finding.ts";
import { type Advisory, fixesOf, isAffected } from "../advisories.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";

/** What the advisories that the user gave say of the versions that are installed. */
export function* vulnerabilities({ installed, advisories }: Facts): Generator<AuditFinding> {
  if (advisories.length === 0) return;
  const byProject = Map.groupBy(advisories, ({ project }) => project);
  for (const each of installed) {
    for (const advisory of byProject.get(each.name) ?? []) {
      if (!isAffected(advisory, each.version)) continue;
      const message = `"${each.name}" ${each.version} is affected by ${describe(advisory)}`;
      yield { ...finding("known-vulnerability", message), installed: each };
    }
  }
}

/** `GHSA-… (CVE-…): what it is; fixed in 2.0` */
function describe(advisory: Advisory): string {
  const { id, aliases, summary } = advisory;
  const fixes = fixesOf(advisory);
  const parts = [
    id,
    ...(aliases.length === 0 ? [] : [` (${aliases.join(", ")})`]),
    ...(summary === "" ? [] : [`: ${summary}`]),
    ...(fixes.length === 0 ? [] : [`; fixed in ${fixes.join(", ")}`]),
  ];
  return parts.join("");
}
