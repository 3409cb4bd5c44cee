import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit.ts";
import { type Facts, shownPath } from "../facts.ts";
import { ownedPaths } from "./unowned.ts";

/** Modules that Python imports by itself at every start (site module). */
const startupModules = /^(?:sitecustomize|usercustomize)(?:\.py|\.pyc|\..*\.(?:so|pyd))?$/;

/**
 * Code that runs at every start of the interpreter: lines of `.pth` files that begin with `import` (site module), and the
 * two modules that are imported by themselves. Owned by a distribution it is worth a note; owned by none, it is how
 * malware stays.
 */
export function* startup(facts: Facts): Generator<AuditFinding> {
  const { sites } = facts.environment;
  const owned = ownedPaths(facts);
  for (const { path } of facts.found.values()) {
    if (!sites.includes(dirname(path)) && !isPackageOf(path, sites)) continue;
    const what = startupCode(path);
    if (what === undefined) continue;
    const shown = shownPath(path, sites);
    const owner = owned.get(path);
    const message = `"${shown}" ${what} at every start of Python`;
    yield owner === undefined
      ? finding("startup-code", `${message}, and belongs to no distribution`, isVirtualenvs(path) ? "note" : "error")
      : { ...finding("startup-code", `${message}; it came with "${owner.name}"`, "note"), installed: owner };
  }
}

/** `sitecustomize/__init__.py` */
function isPackageOf(path: string, sites: readonly string[]): boolean {
  return (
    sites.includes(dirname(dirname(path))) &&
    /^__init__\.py/.test(basename(path)) &&
    startupModules.test(basename(dirname(path)))
  );
}

function startupCode(path: string): string | undefined {
  const name = basename(path);
  if (startupModules.test(name) || /^__init__\.py/.test(name)) return "is imported";
  if (!name.endsWith(".pth")) return undefined;
  return /^import[ \t]/m.test(readFileSync(path, "latin1")) ? "runs code" : undefined;
}

/** virtualenv and uv put a file of their own beside the packages, which imports one module of theirs and does no more. */
function isVirtualenvs(path: string): boolean {
  return basename(path) === "_virtualenv.pth" && readFileSync(path, "latin1").trim() === "import _virtualenv";
}
