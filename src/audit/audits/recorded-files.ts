import { dirname, relative } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit.ts";
import { type Facts, type RecordedFile, shownPath } from "../facts.ts";

/** Every file that RECORD lists is there and is the one that was installed (PyPA: recording installed projects). */
export function* recordedFiles({ recorded, environment: { sites } }: Facts): Generator<AuditFinding> {
  for (const file of recorded) {
    const problem = problemOf(file, shownPath(file.path, sites));
    if (problem !== undefined) yield { ...problem, installed: file.installed };
  }
}

function problemOf({ state, row, path, installed }: RecordedFile, shown: string): AuditFinding | undefined {
  const owner = `"${installed.name}" ${installed.version}`;
  if (isBeyond(path, installed.site))
    return finding("record-path-outside", `RECORD of ${owner} lists "${row.path}", which lies outside the environment`);
  switch (state) {
    case "changed":
      return finding("file-changed", `"${shown}" is not the file that was installed with ${owner}`);
    case "missing":
      // Compiled files come and go with the interpreter.
      return row.path.endsWith(".pyc") ? undefined : finding("file-missing", `"${shown}" of ${owner} is gone`);
    case "unreadable":
      return finding("file-unreadable", `"${shown}" of ${owner} cannot be read`);
    case "unhashed":
    case "same":
      return undefined;
  }
}

/** Scripts, headers and data lie some folders above the packages: `lib/pythonX.Y/site-packages` is three below the top. */
function isBeyond(path: string, site: string): boolean {
  return relative(dirname(dirname(dirname(site))), path).startsWith("..");
}
