import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";

/** setuid and setgid: whoever runs such a file has the rights of another user. */
const privileged = 0o6000;

/** Packages are regular files without rights of their own. */
export function* irregular({ found, scripts, environment: { sites } }: Facts): Generator<AuditFinding> {
  for (const { path, kind, mode } of [...found.values(), ...scripts]) {
    if (kind === "other")
      yield finding("file-irregular", `"${shownPath(path, sites)}" is a pipe, a socket or a device`);
    if (kind === "hidden") yield finding("file-unreadable", `"${shownPath(path, sites)}" may not be looked at`);
    if (kind === "file" && (mode & privileged) !== 0)
      yield finding(
        "file-privileged",
        `"${shownPath(path, sites)}" runs with the rights of its owner (setuid or setgid)`,
      );
  }
}
