import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit.ts";
import type { Facts } from "../facts.ts";

/** A distribution from a URL, a repository or a folder, or one that is editable, is not what an index has of that version. */
export function* directInstalls({ installed }: Facts): Generator<AuditFinding> {
  for (const each of installed) {
    if (each.directUrl === undefined) continue;
    const message = `"${each.name}" ${each.version} is not from an index but from ${each.directUrl.url}`;
    yield { ...finding("direct-install", message, "note"), installed: each };
  }
}
