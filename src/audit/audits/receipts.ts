import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit.ts";
import type { Facts } from "../facts.ts";

/** What tspip installs has a receipt: which artifact it was, which rule let it in, who vouched. */
export function* receipts({ installed }: Facts): Generator<AuditFinding> {
  for (const each of installed) {
    const { name, version, receipt, installer = "an installer that did not say its name" } = each;
    if (receipt === undefined) {
      const message = `"${name}" ${version} has no receipt: ${installer} installed it`;
      yield { ...finding("receipt-absent", message, "note"), installed: each };
    } else if (!receipt.artifact.filename.startsWith(each.distInfo.slice(0, -".dist-info".length))) {
      const message = `The receipt of "${name}" ${version} is of "${receipt.artifact.filename}"`;
      yield { ...finding("receipt-mismatch", message), installed: each };
    }
  }
}
