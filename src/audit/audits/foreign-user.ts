import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";

/** The user that everything may belong to. */
const root = 0;

/** Whoever owns a file can change it: all files belong to who owns the environment. */
export function* foreignUser({ found, folders, scripts, environment: { sites } }: Facts): Generator<AuditFinding> {
  const owners = new Set([root, ...folders.flatMap(({ path, user }) => (sites.includes(path) ? user : []))]);
  for (const { path, user } of [...folders, ...found.values(), ...scripts]) {
    if (owners.has(user)) continue;
    const message = `"${shownPath(path, sites)}" belongs to the user with number ${user}, not to who owns the packages`;
    yield finding("file-foreign-user", message, "warning");
  }
}
