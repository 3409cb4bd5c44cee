import { basename, dirname, join } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit.ts";
import { type Facts, shownPath } from "../facts.ts";

/** Python imports one file for a module; a second one, from nobody, stands in the place of a distribution's. */
export function* shadowing({ found, owners, environment: { sites } }: Facts): Generator<AuditFinding> {
  const owned = new Map<string, ModuleFile>();
  for (const path of owners.keys()) {
    const file = moduleFile(path);
    if (file === undefined) continue;
    const other = owned.get(file.module);
    if (other === undefined || file.rank < other.rank) owned.set(file.module, file);
  }
  for (const path of found.keys()) {
    const file = owners.has(path) ? undefined : moduleFile(path);
    const hidden = file && owned.get(file.module);
    if (file === undefined || hidden === undefined || file.rank > hidden.rank) continue;
    const message = `"${shownPath(path, sites)}" is imported in place of "${shownPath(hidden.path, sites)}"`;
    const owner = owners.get(hidden.path);
    yield { ...finding("module-shadowed", message), ...(owner && { installed: owner }) };
  }
}

interface ModuleFile {
  readonly path: string;
  /** Where it is imported from: its path without ending. */
  readonly module: string;
  /** The lowest of a module is imported (importlib.machinery.FileFinder). */
  readonly rank: number;
}

function moduleFile(path: string): ModuleFile | undefined {
  const { name, native, ending } =
    /^(?<name>\w+)(?:(?<native>\.(?:[\w-]+\.)?(?:so|pyd))|(?<ending>\.pyc?))$/.exec(basename(path))?.groups ?? {};
  if (name === undefined) return undefined;
  const rank = native !== undefined ? 0 : ending === ".py" ? 1 : 2;
  if (name === "__init__") return { path, module: dirname(path), rank };
  // A package comes before a module of its name.
  return { path, module: join(dirname(path), name), rank: rank + 3 };
}
