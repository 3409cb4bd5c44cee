import { sep } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";

/** No wheel brings links: whoever can write to where one leads can change what is imported. */
export function* links({ found, environment: { sites } }: Facts): Generator<AuditFinding> {
  for (const { path, link } of found.values()) {
    if (link === undefined) continue;
    const isInside = link.target !== undefined && sites.some((site) => link.target?.startsWith(site + sep));
    if (isInside) continue;
    yield finding(
      "link-outside",
      `"${shownPath(path, sites)}" is a link to "${link.text}", out of the packages`,
      "warning",
    );
  }
}
