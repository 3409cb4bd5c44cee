import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit.ts";
import { type Facts, type RecordedFile, shownPath } from "../facts.ts";

/** A file that two distributions have in their RECORDs with other contents is only what one of them installed. */
export function* claims({ recorded, environment: { sites } }: Facts): Generator<AuditFinding> {
  for (const [path, claimed] of claimedTwice(recorded)) {
    const [first] = claimed;
    if (first === undefined || new Set(claimed.map(({ row }) => row.hash?.digest)).size < 2) continue;
    const names = claimed.map(({ installed }) => `"${installed.name}"`).join(" and ");
    const message = `"${shownPath(path, sites)}" is in the RECORDs of ${names} with other contents`;
    yield { ...finding("file-claimed-twice", message, "warning"), installed: first.installed };
  }
}

/** Files in the RECORDs of more than one distribution. */
export function claimedTwice(recorded: readonly RecordedFile[]): ReadonlyMap<string, readonly RecordedFile[]> {
  const first = new Map<string, RecordedFile>();
  const several = new Map<string, RecordedFile[]>();
  for (const file of recorded) {
    const earlier = first.get(file.path);
    if (earlier === undefined) first.set(file.path, file);
    else if (earlier.installed !== file.installed)
      several.set(file.path, [...(several.get(file.path) ?? [earlier]), file]);
  }
  return several;
}
