import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";

/** Anybody on the machine can change what all may write to, and with it what is imported or run. */
export function* writable({ found, folders, scripts, environment: { sites } }: Facts): Generator<AuditFinding> {
  for (const { path, mode, kind } of [...folders, ...found.values(), ...scripts]) {
    if (kind === "link" || (mode & 0o002) === 0) continue;
    const id = kind === "folder" ? "folder-world-writable" : "file-world-writable";
    const message = `"${shownPath(path, sites)}" can be written by everybody`;
    yield finding(id, message, "warning");
  }
}
