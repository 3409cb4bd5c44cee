import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit.ts";
import { type Facts, shownPath } from "../facts.ts";

/** Anybody on the machine can change a file that all may write to, and with it what is imported. */
export function* writable({ found, environment: { sites } }: Facts): Generator<AuditFinding> {
  for (const { path, mode, link } of found.values()) {
    if (link !== undefined || (mode & 0o002) === 0) continue;
    yield finding("file-world-writable", `"${shownPath(path, sites)}" can be written by everybody`, "warning");
  }
}
