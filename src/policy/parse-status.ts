import { type StatusConditions, statusDemands } from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

/** The key `status`, completed from `base`. */
export function parseStatus(table: TableReader, base: StatusConditions): StatusConditions {
  const status = table.table("status");
  // An index must not offer files of a quarantined project (PEP 792), and the index client takes none: this may be
  // written out, and means nothing else.
  status?.choice("quarantined", ["deny"]);
  const yanked = status?.choice("yanked", statusDemands) ?? base.yanked;
  status?.finish();
  return { yanked };
}
