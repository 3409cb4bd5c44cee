import { basename, dirname, sep } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";
import { standardModules } from "../standard-modules.ts";

/**
 * A module by the name of one of the standard library is imported in its place where the folder comes first on
 * `sys.path`, as PYTHONPATH and `--target` have it.
 */
export function* standardLibrary({ top, found, owners, environment }: Facts): Generator<AuditFinding> {
  const standard = standardModules(environment.markers.python_version);
  const seen = new Set<string>();
  for (const { path: at, kind } of top) {
    const name = basename(at);
    if (seen.has(name) || !standard.has(name.slice(0, /\W/.exec(name)?.index))) continue;
    const isLinkedPackage = kind === "link" && /^\w+$/.test(name);
    const module = kind === "folder" ? moduleIn(at, found) : isLinkedPackage || importable.test(name) ? at : undefined;
    if (module === undefined) continue;
    seen.add(name);
    const owner = owners.get(module);
    const message = `"${name}" in "${dirname(at)}" has the name of a module of the standard library`;
    yield owner === undefined
      ? finding("standard-library-shadowed", `${message}, and belongs to no distribution`)
      : { ...finding("standard-library-shadowed", message, "warning"), installed: owner };
  }
}

/** The first module in a folder that could be a package, or in a folder of its. */
function moduleIn(folder: string, found: Facts["found"]): string | undefined {
  if (!/^\w+$/.test(basename(folder))) return undefined;
  return found.keys().find((path) => path.startsWith(folder + sep) && importable.test(path));
}

const importable = /\w(?:\.(?:[\w-]+\.)?(?:so|pyd)|\.pyc?)$/;
