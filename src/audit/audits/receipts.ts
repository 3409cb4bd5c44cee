import { join } from "node:path";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import { compareVersions, isVersion, parseVersion } from "../../distribution/version.ts";
import type { Installed } from "../../environment/installed.ts";
import { finding } from "../../verdict/finding.ts";
import { receiptFilename } from "../../verdict/receipt.ts";
import type { AuditFinding } from "../audit.ts";
import type { Facts } from "../facts.ts";

/** What tspip installs has a receipt: which artifact it was, which rule let it in, who vouched. */
export function* receipts({ installed, found }: Facts): Generator<AuditFinding> {
  for (const each of installed) {
    const { name, version, receipt, installer = "an installer that did not say its name" } = each;
    if (receipt !== undefined) {
      if (isOf(receipt.artifact.filename, each)) continue;
      const message = `The receipt of "${name}" ${version} is of "${receipt.artifact.filename}"`;
      yield { ...finding("receipt-mismatch", message), installed: each };
    } else if (found.has(join(each.site, each.distInfo, receiptFilename))) {
      yield { ...finding("receipt-unreadable", `The receipt of "${name}" ${version} is none`), installed: each };
    } else {
      const message = `"${name}" ${version} has no receipt: ${installer} installed it`;
      yield { ...finding("receipt-absent", message, installer === "tspip" ? "warning" : "note"), installed: each };
    }
  }
}

function isOf(text: string, { name, version }: Installed): boolean {
  const [, project = "", release = ""] = /^([^-]+)-([^-]+)-[^/]*\.whl$/.exec(text) ?? [];
  if (!isVersion(release) || !isVersion(version) || normalizeProjectName(project) !== name) return false;
  return compareVersions(parseVersion(release), parseVersion(version)) === 0;
}
