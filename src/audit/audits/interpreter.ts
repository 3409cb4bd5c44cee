import { basename } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, isInterpreterName } from "../facts.ts";

/** A virtual environment runs the interpreter that it was made from, and sees its own packages only (PEP 405). */
export function* interpreter({
  environment: { venv, label, markers },
  scripts,
  interpreters,
}: Facts): Generator<AuditFinding> {
  if (venv === undefined) return;
  if (venv.seesSystemSites)
    yield finding("system-packages-visible", `"${label}" sees the packages of its interpreter as well`, "note");
  // A link may lead to another name beside it, which is looked at by itself.
  const expected = new Set([...interpreters, ...scripts.flatMap(({ path, kind }) => (kind === "file" ? [path] : []))]);
  // Elsewhere a copy is a small program that starts it.
  const hasCopies = interpreters.size > 0 && markers.sys_platform === "linux";
  for (const { path, link, isScript, isInterpreter } of scripts) {
    if (!isInterpreterName(basename(path))) continue;
    const message = `"${path}" is not the interpreter of "${venv.home ?? "pyvenv.cfg"}"`;
    if (isScript === true) yield finding("interpreter-replaced", `${message}: it is a script`);
    else if (interpreters.size > 0 && link?.target !== undefined && !expected.has(link.target))
      yield finding("interpreter-replaced", `${message}: it is a link to "${link.target}"`);
    else if (hasCopies && isInterpreter === false)
      yield finding("interpreter-replaced", `${message}: it is another program`);
  }
}
