import type { Installed } from "../environment/installed.ts";
import type { Finding } from "../verdict/finding.ts";
import type { Facts } from "./facts.ts";

/** What one audit has to say, and of which distribution, if it is of one. */
export interface AuditFinding extends Finding {
  readonly installed?: Installed;
}

/** One question to an environment; pure. Each is a file in audits/, an id or more in the catalog, a line in the list. */
export type Audit = (facts: Facts) => Iterable<AuditFinding>;
