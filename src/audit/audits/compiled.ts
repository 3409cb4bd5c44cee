import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";

/** Python runs a compiled file in place of its source where the two seem to belong together (PEP 3147, PEP 552). */
export function* compiled({ compiled: files, owners, environment: { sites } }: Facts): Generator<AuditFinding> {
  for (const { path, source, state } of files) {
    // pytest puts code of its own into what it compiles; only pytest reads it.
    if (state.state !== "foreign" || /-pytest-[\w.]+\.pyc$/.test(path)) continue;
    const owner = owners.get(source);
    const message = `"${shownPath(path, sites)}" is not what Python makes of its source: ${state.reason}`;
    yield { ...finding("compiled-foreign", message), ...(owner && { installed: owner }) };
  }
}
