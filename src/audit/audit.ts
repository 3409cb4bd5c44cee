import type { AuditFinding } from "./audit-finding.ts";
import { audits } from "./audits/index.ts";
import type { Facts } from "./facts.ts";

/** Asks every audit. */
export function auditEnvironment(facts: Facts): AuditFinding[] {
  return audits.flatMap((audit) => [...audit(facts)]);
}
