import { sep } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit.ts";
import type { Facts } from "../facts.ts";
import { standardModules } from "../standard-modules.ts";

/**
 * A module by the name of one of the standard library is imported in its place where the folder comes first on
 * `sys.path`, as PYTHONPATH and `--target` have it.
 */
export function* standardLibrary({ found, owners, environment }: Facts): Generator<AuditFinding> {
  const standard = standardModules(environment.markers.python_version);
  const seen = new Set<string>();
  for (const path of found.keys()) {
    const site = environment.sites.find((folder) => path.startsWith(folder + sep)) ?? "";
    const end = path.indexOf(sep, site.length + 1);
    const top = path.slice(site.length + 1, end === -1 ? path.length : end);
    const isNamed = standard.has(top.slice(0, /\W/.exec(top)?.index));
    if (!isNamed || seen.has(top) || !isModule(top, path, end !== -1)) continue;
    seen.add(top);
    const owner = owners.get(path);
    const message = `"${top}" in "${site}" has the name of a module of the standard library`;
    yield owner === undefined
      ? finding("standard-library-shadowed", `${message}, and belongs to no distribution`)
      : { ...finding("standard-library-shadowed", message, "warning"), installed: owner };
  }
}

/** A folder with modules in it, or a module. */
function isModule(top: string, path: string, isFolder: boolean): boolean {
  return isFolder ? /^\w+$/.test(top) && importable.test(path) : importable.test(top);
}

const importable = /\w(?:\.(?:[\w-]+\.)?(?:so|pyd)|\.pyc?)$/;
