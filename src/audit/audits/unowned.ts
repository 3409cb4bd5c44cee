import { basename, dirname } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, isInterpreterName, shownPath, sourceOf } from "../facts.ts";
import { legacyInstalls } from "./legacy.ts";

/** What package managers put beside packages, and no distribution owns. */
const usual = new Set(["_virtualenv.py", "_virtualenv.pth", "README.txt", "README"]);

/** A file that no RECORD lists was put there by hand, or by something that hides. */
export function* unowned(facts: Facts): Generator<AuditFinding> {
  const { sites } = facts.environment;
  const { owners } = facts;
  // Where a distribution has no RECORD nobody knows what is its own.
  const isComplete = facts.installed.every(({ record }) => record !== undefined) && legacyInstalls(facts).length === 0;
  const scripts = facts.scripts.filter(({ path }) => !isEnvironments(basename(path))).map(({ path }) => path);
  for (const path of [...facts.found.keys(), ...scripts]) {
    if (owners.has(path) || isUsual(path, sites)) continue;
    const source = path.endsWith(".pyc") ? sourceOf(path) : undefined;
    if (source !== undefined && (owners.has(source) || isUsual(source, sites))) continue;
    const message = `"${shownPath(path, sites)}" belongs to no distribution`;
    yield finding("file-unowned", message, isComplete ? "warning" : "note");
  }
}

/** Which scripts make the environment: its interpreters, and what switches to it. */
function isEnvironments(name: string): boolean {
  return isInterpreterName(name) || /^(?:de)?activate(?:[._]\w+)?(?:\.py)?$|^Activate\.ps1$|^pydoc\.bat$/.test(name);
}

function isUsual(path: string, sites: readonly string[]): boolean {
  return sites.includes(dirname(path)) && usual.has(basename(path));
}
