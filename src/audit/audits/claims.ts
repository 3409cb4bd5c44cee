import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";
import type { RecordedFile } from "../hash-recorded.ts";

/** A file that two distributions have in their RECORDs with other contents is only what one of them installed. */
export function* claims(facts: Facts): Generator<AuditFinding> {
  const { sites } = facts.environment;
  for (const [path, claimed] of claimedTwice(facts)) {
    const [first] = claimed;
    if (first === undefined || new Set(claimed.map(({ row }) => row.hash?.digest)).size < 2) continue;
    const names = claimed.map(({ installed }) => `"${installed.name}"`).join(" and ");
    const message = `"${shownPath(path, sites)}" is in the RECORDs of ${names} with other contents`;
    yield { ...finding("file-claimed-twice", message, "warning"), installed: first.installed };
  }
}

/** Files in the RECORDs of more than one distribution. */
export function claimedTwice({
  recorded,
  owners,
}: Pick<Facts, "recorded" | "owners">): ReadonlyMap<string, readonly RecordedFile[]> {
  // Of those that have a file in their RECORDs, one is the owner: another one shows that there are several.
  const several = new Set(
    recorded.filter(({ path, installed }) => owners.get(path) !== installed).map(({ path }) => path),
  );
  const claimed = several.size === 0 ? [] : recorded.filter(({ path }) => several.has(path));
  return Map.groupBy(claimed, ({ path }) => path);
}
