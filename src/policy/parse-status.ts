import { type StatusConditions, statusDemands, statusWords } from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

/** The key `status`, completed from `base`. */
export function parseStatus(table: TableReader, base: StatusConditions): StatusConditions {
  const status = table.table("status");
  if (status === undefined) return base;
  // An index must not offer files of a quarantined project (PEP 792): this may be written out, and means nothing else.
  status.choice("quarantined", ["deny"]);
  const said = statusWords.map((word) => [word, status.choice(word, statusDemands) ?? base[word]] as const);
  status.finish();
  return Object.fromEntries(said) as StatusConditions;
}
