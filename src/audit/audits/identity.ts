import { normalizeProjectName } from "../../distribution/project-name.ts";
import { compareVersions, isVersion, parseVersion } from "../../distribution/version.ts";
import type { Installed } from "../../environment/installed.ts";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";

/** Tools know a distribution by the name of its folder or by METADATA: both have to say the same. */
export function* identity({ installed }: Facts): Generator<AuditFinding> {
  for (const each of installed) {
    if (agree(each)) continue;
    const message = `METADATA in "${each.distInfo}" is of "${each.name}" ${each.version}`;
    yield { ...finding("installed-identity-mismatch", message), installed: each };
  }
}

/** `NAME-VERSION.dist-info` (PyPA: recording installed projects). */
function agree({ name, version, distInfo }: Installed): boolean {
  const stem = distInfo.slice(0, -".dist-info".length);
  const at = stem.lastIndexOf("-");
  return at > 0 && normalizeProjectName(stem.slice(0, at)) === name && isSameVersion(stem.slice(at + 1), version);
}

/** A hyphen in a version is written as an underscore. */
function isSameVersion(folder: string, metadata: string): boolean {
  const [a, b] = [folder.replaceAll("_", "-"), metadata.replaceAll("_", "-")];
  return a === b || (isVersion(a) && isVersion(b) && compareVersions(parseVersion(a), parseVersion(b)) === 0);
}
