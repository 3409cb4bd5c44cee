import { join } from "node:path";
import { provenanceUrlFilename } from "../../environment/direct-url.ts";
import type { Installed } from "../../environment/installed.ts";
import { finding } from "../../verdict/finding.ts";
import { receiptFilename } from "../../verdict/receipt.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";
import { isOfRelease, namedArchives } from "../installed-archive.ts";

/**
 * What tspip installs has a receipt: which artifact it was, which rule let it in, who vouched. Others may write
 * provenance_url.json (PEP 710).
 */
export function* receipts({ installed, found }: Facts): Generator<AuditFinding> {
  for (const each of installed) {
    const {
      name,
      version,
      receipt,
      provenanceUrl,
      directUrl,
      installer = "an installer that did not say its name",
    } = each;
    const lies = (file: string) => found.has(join(each.site, each.distInfo, file));
    for (const { file, name: archive } of namedArchives(each)) {
      if (isOfRelease(archive, each)) continue;
      const message = `${called(file)} of "${name}" ${version} is of "${archive}"`;
      yield { ...finding("receipt-mismatch", message), installed: each };
    }
    if (provenanceUrl === undefined && directUrl === undefined && lies(provenanceUrlFilename))
      yield unreadable(each, provenanceUrlFilename);
    if (receipt !== undefined) continue;
    if (lies(receiptFilename)) yield unreadable(each, receiptFilename);
    else {
      const message = `"${name}" ${version} has no receipt: ${installer} installed it`;
      yield { ...finding("receipt-absent", message, installer === "tspip" ? "warning" : "note"), installed: each };
    }
  }
}

function unreadable(installed: Installed, file: string): AuditFinding {
  const message = `${called(file)} of "${installed.name}" ${installed.version} is none`;
  return { ...finding("receipt-unreadable", message), installed };
}

function called(file: string): string {
  return file === receiptFilename ? "The receipt" : file;
}
