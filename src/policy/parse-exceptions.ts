import { parseMatch } from "./parse-match.ts";
import { type PolicyException, type RuleMatch, type Waivable, waivables } from "./policy.ts";
import { endOfDay, type TableReader } from "./table-reader.ts";

/** `[[exception]]`. */
export function parseExceptions(tables: readonly TableReader[]): PolicyException[] {
  const ids = new Set<string>();
  return tables.flatMap((table) => parseException(table, ids) ?? []);
}

function parseException(table: TableReader, ids: Set<string>): PolicyException | undefined {
  const id = required(table, "id", 'reports name it by this, such as "EX-12"');
  const match = parseExceptionMatch(table);
  const waive = parseWaived(table);
  const reason = required(table, "reason", "it says why");
  const owner = required(table, "owner", "it says who answers for it");
  const expires = table.date("expires");
  if (!table.has("expires")) table.missing("expires", "an exception ends on a day, such as 2027-06-30");
  table.finish();
  if (id !== undefined && ids.has(id)) table.wrong("id", `there is another exception "${id}"`);
  if (id !== undefined) ids.add(id);
  if (!id || !match || !waive || !reason || !owner || !expires) return undefined;
  return { id, match, waive, reason, owner, expires: endOfDay(expires) };
}

function required(table: TableReader, key: string, why: string): string | undefined {
  return table.has(key) ? table.text(key) : table.missing(key, why);
}

function parseExceptionMatch(table: TableReader): RuleMatch | undefined {
  if (!table.has("match")) return table.missing("match", "it says what the exception is for");
  const inner = table.table("match");
  if (inner?.isEmpty()) return inner.wrongHere("an empty match matches everything; that is no exception");
  return inner && parseMatch(inner);
}

function parseWaived(table: TableReader): readonly Waivable[] | undefined {
  if (!table.has("waive")) return table.missing("waive", "it lists the keys of rules that need not be met");
  return table.choices("waive", waivables);
}
