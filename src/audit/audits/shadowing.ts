import { basename, dirname, sep } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";

/** Python imports one file for a module; a second one, from nobody, stands in the place of a distribution's. */
export function* shadowing(facts: Facts): Generator<AuditFinding> {
  const { sites } = facts.environment;
  const unowned = [...facts.found.keys()].filter((path) => !facts.owners.has(path));
  const strangers = unowned.flatMap((path) => linkedPackage(path, facts) ?? moduleFile(path) ?? []);
  const owned = ownedModules(facts, new Set(strangers.map(({ module }) => module)));
  for (const { path, module, rank } of strangers) {
    const hidden = owned.get(module);
    if (hidden === undefined || rank > hidden.rank) continue;
    const message = `"${shownPath(path, sites)}" is imported in place of "${shownPath(hidden.path, sites)}"`;
    const owner = facts.owners.get(hidden.path);
    yield { ...finding("module-shadowed", message), ...(owner && { installed: owner }) };
  }
}

/** The file that each of the modules is imported from; only files in their folders are looked at. */
function ownedModules({ owners }: Facts, modules: ReadonlySet<string>): ReadonlyMap<string, ModuleFile> {
  const owned = new Map<string, ModuleFile>();
  const folders = new Set([...modules].flatMap((module) => [module, dirname(module)]));
  for (const path of modules.size === 0 ? [] : owners.keys()) {
    const file = folders.has(path.slice(0, path.lastIndexOf(sep))) ? moduleFile(path) : undefined;
    if (file === undefined || !modules.has(file.module)) continue;
    const other = owned.get(file.module);
    if (other === undefined || file.rank < other.rank) owned.set(file.module, file);
  }
  return owned;
}

interface ModuleFile {
  readonly path: string;
  /** Where it is imported from: its path without ending. */
  readonly module: string;
  /** The lowest of a module is imported (importlib.machinery.FileFinder). */
  readonly rank: number;
}

/** A link that could lead to a package, which nobody goes into. */
function linkedPackage(path: string, { found }: Facts): ModuleFile | undefined {
  const isPackage = found.get(path)?.kind === "link" && /^\w+$/.test(basename(path));
  return isPackage ? { path, module: path, rank: 0 } : undefined;
}

function moduleFile(path: string): ModuleFile | undefined {
  const { name, native, ending } =
    /^(?<name>\w+)(?:(?<native>\.(?:[\w-]+\.)?(?:so|pyd))|(?<ending>\.pyc?))$/.exec(basename(path))?.groups ?? {};
  if (name === undefined) return undefined;
  const rank = native !== undefined ? 0 : ending === ".py" ? 1 : 2;
  if (name === "__init__") return { path, module: dirname(path), rank };
  // A package comes before a module of its name.
  return { path, module: `${dirname(path)}${sep}${name}`, rank: rank + 3 };
}
