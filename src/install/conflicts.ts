import { lstatSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Installed } from "../environment/installed.ts";
import { EnvironmentError } from "../errors.ts";

/** Where a file is to arrive, and with which distribution. */
export interface Arrival {
  readonly destination: string;
  readonly distribution: string;
}

/**
 * Finds everything that arrivals would overwrite, before the first write: files of other distributions, files of
 * nobody's (the interpreter, `pyvenv.cfg`, the user's own), and each other. What leaves in the same transaction is no
 * conflict.
 * @param leaving files of the versions that are replaced
 * @param staying distributions that remain
 * @throws EnvironmentError `install-conflict`, listing all
 */
export function checkConflicts(
  arrivals: readonly Arrival[],
  leaving: ReadonlySet<string>,
  staying: readonly Installed[],
  roots: readonly string[],
): void {
  const owners = ownersOf(staying);
  const arriving = new Map<string, string>();
  const conflicts: string[] = [];
  for (const { destination, distribution } of arrivals) {
    const other = arriving.get(destination);
    if (other !== undefined)
      conflicts.push(
        `"${destination}" is in ${other === distribution ? `"${other}" twice` : `"${other}" and in "${distribution}"`}`,
      );
    arriving.set(destination, distribution);
    if (leaving.has(destination) || !isTaken(destination)) continue;
    const owner = owners.get(destination);
    conflicts.push(
      `"${destination}" of "${distribution}" is there already, ${owner === undefined ? "and belongs to no distribution" : `it belongs to "${owner}"`}`,
    );
  }
  conflicts.push(...detours(arrivals, roots));
  if (conflicts.length === 0) return;
  throw new EnvironmentError(
    "install-conflict",
    `Cannot install: files would be overwritten\n  ${conflicts.join("\n  ")}`,
    {
      hint: "Uninstall the other distribution, or move the file away, if it is no longer needed",
    },
  );
}

function ownersOf(installed: readonly Installed[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { name, site, record = [] } of installed) {
    for (const { path } of record) owners.set(join(site, ...path.split("/")), name);
  }
  return owners;
}

function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Folders that are links: what is put into them arrives somewhere else. */
function detours(arrivals: readonly Arrival[], roots: readonly string[]): string[] {
  const folders = new Set(arrivals.map(({ destination }) => dirname(destination)));
  return [...folders].flatMap((folder) => {
    const root = roots.find((candidate) => folder.startsWith(candidate));
    if (root === undefined || !isTaken(folder)) return [];
    const expected = join(realpathSync(root), relative(root, folder));
    return realpathSync(folder) === expected ? [] : [`"${folder}" is a link to another place`];
  });
}
