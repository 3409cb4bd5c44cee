import { dirname, relative, sep } from "node:path";
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
    const site = environment.sites.find((folder) => path.startsWith(folder + sep));
    const [top = "", ...below] = site === undefined ? [] : relative(site, path).split(sep);
    const { module = "" } = (below.length > 0 ? /^(?<module>\w+)$/ : importable).exec(top)?.groups ?? {};
    if (!standard.has(module) || seen.has(top) || (below.length > 0 && !importable.test(path))) continue;
    seen.add(top);
    const owner = owners.get(path);
    const message = `"${top}" in "${dirname(path).slice(0, site?.length)}" has the name of a module of the standard library`;
    yield owner === undefined
      ? finding("standard-library-shadowed", `${message}, and belongs to no distribution`)
      : { ...finding("standard-library-shadowed", message, "warning"), installed: owner };
  }
}

const importable = /(?<module>\w+)(?:\.(?:[\w-]+\.)?(?:so|pyd)|\.pyc?)$/;
