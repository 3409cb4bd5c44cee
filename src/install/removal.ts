import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Installed } from "../environment/installed.ts";
import { EnvironmentError } from "../errors.ts";
import { isDirectory, isThere, type Settler } from "./settle.ts";

/** What is there of a distribution, by its RECORD. Paths are settled. */
export interface Belongings {
  /** What leaves with it. */
  readonly files: ReadonlySet<string>;
  /** What its RECORD lists and stays all the same, with the reason. */
  readonly kept: readonly { readonly path: string; readonly why: string }[];
}

/**
 * The files of a distribution that leave with it: those its RECORD lists, and compiled forms of its modules. A RECORD
 * is written by whoever installed the distribution; what it lists outside the environment, or of somebody else's,
 * stays.
 * @param whyKept why a settled path is not the distribution's to remove
 * @throws EnvironmentError `no-record` when nobody wrote down what belongs to it
 */
export function belongingsOf(
  installed: Installed,
  settler: Settler,
  whyKept: (path: string) => string | undefined,
): Belongings {
  const listed = recordedFiles(installed, settler).filter((path) => isThere(path) && !isDirectory(path));
  const files = new Set([...listed, ...listed.flatMap(compiledForms)]);
  const kept: { path: string; why: string }[] = [];
  for (const path of files) {
    const why = whyKept(path);
    if (why === undefined) continue;
    kept.push({ path, why });
    files.delete(path);
  }
  return { files, kept };
}

/** Paths in RECORD are relative to the folder that holds the `.dist-info`, or absolute (PyPA: recording installed projects). */
function recordedFiles(installed: Installed, settler: Settler): string[] {
  const { site, record = missingRecord(installed) } = installed;
  return record.map(({ path }) => settler.path(resolve(site, path)));
}

function missingRecord({ name, version, installer }: Installed): never {
  throw new EnvironmentError(
    "no-record",
    `Cannot remove "${name}" ${version}: it has no RECORD, so nobody knows which files are its own`,
    { hint: `Remove it with ${installer ?? "the tool"}${installer === undefined ? " that" : ", which"} installed it` },
  );
}

/** `__pycache__/NAME.*.pyc` of a module (PEP 3147), which RECORD need not list. */
function compiledForms(path: string): string[] {
  if (!path.endsWith(".py")) return [];
  const cache = join(dirname(path), "__pycache__");
  const stem = `${basename(path, ".py")}.`;
  if (!isDirectory(cache)) return [];
  return readdirSync(cache)
    .filter((name) => name.startsWith(stem) && name.endsWith(".pyc"))
    .map((name) => join(cache, name));
}

/** Which distribution has which file, by RECORD; paths are settled. */
export function ownersOf(installed: readonly Installed[], settler: Settler): Map<string, string> {
  const owned = installed.flatMap(({ name, site, record = [] }) =>
    record.map(({ path }) => [settler.path(resolve(site, path)), name] as const),
  );
  return new Map(owned);
}
