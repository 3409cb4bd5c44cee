import { basename, dirname, join } from "node:path";
import { digestOf } from "../../distribution/digest.ts";
import { finding } from "../../verdict/finding.ts";
import { isCodeLine, pathFileLines } from "../../wheel/path-file.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";
import { virtualenvLines } from "../virtualenv-lines.ts";

/** Modules that Python imports by itself at every start (site module). */
const startupModules = /^(?:sitecustomize|usercustomize)(?:\.py|\.pyc|\..*\.(?:so|pyd))?$/;

/**
 * Code that runs at every start of the interpreter: lines of `.pth` files that begin with `import` (site module), `.start`
 * files (PEP 829), and the two modules that are imported by themselves. Owned by a distribution it is worth a note; owned by none, it is how
 * malware stays.
 */
export function* startup(facts: Facts): Generator<AuditFinding> {
  const { sites } = facts.environment;
  for (const path of candidates(facts)) {
    const what = startupCode(path, facts.texts.get(path));
    if (what === undefined) continue;
    const shown = shownPath(path, sites);
    const owner = facts.owners.get(path);
    const message = `"${shown}" ${what} at every start of Python`;
    yield owner === undefined
      ? finding(
          "startup-code",
          `${message}, and belongs to no distribution`,
          isVirtualenvs(path, facts) ? "note" : "error",
        )
      : { ...finding("startup-code", `${message}; it came with "${owner.name}"`, "note"), installed: owner };
  }
}

/** Files directly in the folders of packages, and `sitecustomize/__init__.py`. */
function candidates({ top, found }: Facts): string[] {
  return top.flatMap(({ path, kind }) => {
    if (kind !== "folder") return path;
    if (!startupModules.test(basename(path))) return [];
    return [...found.keys()].filter((file) => dirname(file) === path && /^__init__\.py/.test(basename(file)));
  });
}

function startupCode(path: string, text: string | undefined): string | undefined {
  const name = basename(path);
  if (startupModules.test(name) || /^__init__\.py/.test(name)) return "is imported";
  if (name.endsWith(".start")) return "runs code";
  if (!name.endsWith(".pth")) return undefined;
  if (text === undefined) return "cannot be read, and may run code";
  return pathFileLines(text).some(isCodeLine) ? "runs code" : undefined;
}

/** virtualenv and uv put a file of their own beside the packages, which imports one module of theirs and does no more. */
function isVirtualenvs(path: string, { texts, top }: Facts): boolean {
  if (basename(path) !== "_virtualenv.pth" || texts.get(path)?.trim() !== "import _virtualenv") return false;
  // A package or a native module of that name would be imported in its place.
  if (top.some((other) => /^_virtualenv(?!\.(?:py|pth)$)/.test(basename(other.path)))) return false;
  const module = texts.get(join(dirname(path), "_virtualenv.py"));
  return module !== undefined && !namesEncoding.test(module) && linesOf(module).every(isVirtualenvLine);
}

/** In another encoding, other lines may be in it (PEP 263). */
const namesEncoding = /coding[:=](?!\s*utf-8(?![-\w.]))|[^\t\n\r\x20-\x7e]/;

/** Without comments, where no quotation mark can make code of them. */
function linesOf(source: string): string[] {
  const lines = source.split("\n").map((line) => (/["']/.test(line) ? line : line.replace(/#.*/, "")).trimEnd());
  return lines.filter((line) => line !== "");
}

function isVirtualenvLine(line: string): boolean {
  return virtualenvLines.has(digestOf(Buffer.from(line)).slice(0, 24));
}
