import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Installed } from "../environment/installed.ts";
import { EnvironmentError } from "../errors.ts";

/**
 * The files that belong to a distribution, by its RECORD: those that are there, and compiled forms of its modules.
 * @throws EnvironmentError `no-record` when nobody wrote down what belongs to it
 */
export function filesOf({ name, version, site, record, installer }: Installed): string[] {
  if (record === undefined) {
    throw new EnvironmentError(
      "no-record",
      `Cannot replace "${name}" ${version}: it has no RECORD, so nobody knows which files are its own`,
      {
        hint:
          installer === undefined
            ? "Remove it with the tool that installed it"
            : `Remove it with ${installer}, which installed it`,
      },
    );
  }
  const listed = record.map(({ path }) => join(site, ...path.split("/")));
  return [...new Set([...listed, ...listed.flatMap(compiledForms)])].filter((path) => existsSync(path));
}

/** `__pycache__/NAME.*.pyc` of a module (PEP 3147), which RECORD need not list. */
function compiledForms(path: string): string[] {
  if (!path.endsWith(".py")) return [];
  const cache = join(dirname(path), "__pycache__");
  const stem = `${basename(path, ".py")}.`;
  if (!existsSync(cache)) return [];
  return readdirSync(cache)
    .filter((name) => name.startsWith(stem) && name.endsWith(".pyc"))
    .map((name) => join(cache, name));
}
