import { finding } from "../../verdict/finding.ts";
import { fixesOf, isAffected } from "../advisories.ts";
import type { AuditFinding } from "../audit.ts";
import type { Facts } from "../facts.ts";

/** What the advisories that the user gave say of the versions that are installed. */
export function* vulnerabilities({ installed, advisories }: Facts): Generator<AuditFinding> {
  if (advisories.length === 0) return;
  const byProject = Map.groupBy(advisories, ({ project }) => project);
  for (const each of installed) {
    for (const advisory of byProject.get(each.name) ?? []) {
      if (!isAffected(advisory, each.version)) continue;
      const { id, aliases, summary } = advisory;
      const [fixed] = [fixesOf(advisory).join(", ")];
      const known = aliases.length === 0 ? id : `${id} (${aliases.join(", ")})`;
      const message = `"${each.name}" ${each.version} is affected by ${known}${summary === "" ? "" : `: ${summary}`}${fixed === "" ? "" : `; fixed in ${fixed}`}`;
      yield { ...finding("known-vulnerability", message), installed: each };
    }
  }
}
