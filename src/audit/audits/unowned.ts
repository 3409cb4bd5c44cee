import { basename, dirname } from "node:path";
import type { Installed } from "../../environment/installed.ts";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit.ts";
import { type Facts, shownPath, sourceOf } from "../facts.ts";

/** What package managers put beside packages, and no distribution owns. */
const usual = new Set(["_virtualenv.py", "_virtualenv.pth", "README.txt", "README"]);

/** Which distribution owns which file. */
export function ownedPaths({ recorded }: Facts): ReadonlyMap<string, Installed> {
  return new Map(recorded.map(({ path, installed }) => [path, installed]));
}

/** A file that no RECORD lists was put there by hand, or by something that hides. */
export function* unowned(facts: Facts): Generator<AuditFinding> {
  const { sites } = facts.environment;
  const owned = ownedPaths(facts);
  // Where a distribution has no RECORD nobody knows what is its own.
  const isComplete = facts.installed.every(({ record }) => record !== undefined);
  for (const path of facts.found.keys()) {
    const source = path.endsWith(".pyc") ? sourceOf(path) : undefined;
    if (owned.has(path) || (source !== undefined && (owned.has(source) || isUsual(source, sites)))) continue;
    if (isUsual(path, sites)) continue;
    const message = `"${shownPath(path, sites)}" belongs to no distribution`;
    yield finding("file-unowned", message, isComplete ? "warning" : "note");
  }
}

function isUsual(path: string, sites: readonly string[]): boolean {
  return sites.includes(dirname(path)) && usual.has(basename(path));
}
