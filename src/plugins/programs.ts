import { access, constants, readdir, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** A program on PATH that is an extension command by its name. */
export interface FoundProgram {
  readonly command: string;
  readonly path: string;
}

/** In the order in which they are preferred. */
const prefixes = ["tspip-", "pip-"] as const;
const programName = /^(?:tspip|pip)-(?<command>[A-Za-z0-9][\w.-]*)$/;

/**
 * The programs `tspip-NAME` and `pip-NAME` of PATH, each the first of its name, `tspip-` before `pip-`. Relative folders are
 * left out: what stands in the working directory is no command.
 */
export async function findPrograms(path: string): Promise<FoundProgram[]> {
  const folders = [...new Set(path.split(delimiter))].filter(isAbsolute);
  const listed = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  const first = new Map<string, string>();
  for (const [at, names] of listed.entries()) {
    for (const name of names.filter((each) => programName.test(each)).sort()) {
      const program = join(folders[at] ?? "", name);
      if (!first.has(name) && (await isExecutable(program))) first.set(name, program);
    }
  }
  return prefixes.flatMap((prefix) =>
    [...first]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, program]) => ({ command: name.slice(prefix.length), path: program })),
  );
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
