import { dirname, sep } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";
import type { RecordedFile } from "../hash-recorded.ts";
import { claimedTwice } from "./claims.ts";

/** Every file that RECORD lists is there and is the one that was installed (PyPA: recording installed projects). */
export function* recordedFiles(facts: Facts): Generator<AuditFinding> {
  const {
    recorded,
    environment: { sites, venv },
  } = facts;
  const shared = claimedTwice(facts);
  for (const file of recorded) {
    // Another distribution has put its own file there: claims.ts says so.
    if (file.state === "changed" && shared.get(file.path)?.some(({ state }) => state === "same")) continue;
    const problem = problemOf(file, sites, venv?.root);
    if (problem !== undefined) yield { ...problem, installed: file.installed };
  }
}

/**
 * The top of what an installation with this folder of packages may write to: scripts, headers and data lie above the packages
 * of `lib/pythonX.Y/site-packages`, and inside any other folder, which was a `--target`.
 */
export function rootOf(site: string): string {
  const [packages = ""] =
    /(?:[\\/]lib(?:64)?(?:[\\/](?:python|pypy)3[^\\/]*)?)?[\\/](?:site|dist)-packages$/i.exec(site) ?? [];
  return packages === ""
    ? site
    : packages
        .split(/[\\/]/)
        .slice(1)
        .reduce((folder) => dirname(folder), site);
}

function problemOf(
  { state, row, path, installed }: RecordedFile,
  sites: readonly string[],
  root = rootOf(installed.site),
): AuditFinding | undefined {
  const owner = `"${installed.name}" ${installed.version}`;
  if (!path.startsWith(root.endsWith(sep) ? root : root + sep))
    return finding("record-path-outside", `RECORD of ${owner} lists "${row.path}", which lies outside the environment`);
  if (state === "same" || state === "unhashed") return undefined;
  const shown = shownPath(path, sites);
  switch (state) {
    case "changed":
      return finding("file-changed", `"${shown}" is not the file that was installed with ${owner}`);
    case "missing":
      // Compiled files come and go with the interpreter; virtualenv lists their folders as well.
      return /(?:\.pyc|\/__pycache__)$/.test(row.path)
        ? undefined
        : finding("file-missing", `"${shown}" of ${owner} is gone`);
    case "unreadable":
      return finding("file-unreadable", `"${shown}" of ${owner} cannot be read`);
  }
}
