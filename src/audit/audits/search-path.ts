import { dirname, sep } from "node:path";
import type { Installed } from "../../environment/installed.ts";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";
import type { SearchPath } from "../search-paths.ts";

/** Path files make Python look for modules in further folders: editable installs do that, and whoever wants to hide. */
export function* searchPath({ searchPaths, owners, environment: { sites } }: Facts): Generator<AuditFinding> {
  for (const path of searchPaths) {
    const owner = owners.get(path.file);
    const problem = problemOf(path, owner);
    if (problem === undefined) continue;
    const message = `"${shownPath(path.file, sites)}" makes Python look for modules in "${path.folder}"${problem}`;
    yield owner === undefined
      ? finding("search-path-added", message)
      : { ...finding("search-path-added", message, "warning"), installed: owner };
  }
}

function problemOf({ file, folder, isOpen }: SearchPath, owner: Installed | undefined): string | undefined {
  if (owner === undefined) return ", and belongs to no distribution";
  if (isOpen) return ", where everybody may put some";
  const isInside = `${folder}${sep}`.startsWith(`${dirname(file)}${sep}`);
  return isInside || owner.directUrl !== undefined ? undefined : ", which lies outside the packages";
}
