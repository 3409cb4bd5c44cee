import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";

/** A distribution is known by its METADATA, and its files by its RECORD: without them nothing else can be said. */
export function* records({ installed, unreadable, environment }: Facts): Generator<AuditFinding> {
  for (const { path, reason } of unreadable)
    yield finding("installed-unreadable", `"${shownPath(path, environment.sites)}" cannot be read: ${reason}`);
  for (const each of installed) {
    if (each.record !== undefined) continue;
    const message = `"${each.name}" ${each.version} has no RECORD, so nobody knows which files are its own`;
    yield { ...finding("installed-record-absent", message, "warning"), installed: each };
  }
}
