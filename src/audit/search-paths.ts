import { lstatSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isCodeLine, pathFileLines } from "../wheel/path-file.ts";

/** A folder that a line of a path file puts on `sys.path` (Python library reference, "site"). */
export interface SearchPath {
  /** The path file. */
  readonly file: string;
  /** Absolute. */
  readonly folder: string;
  /** Whether everybody may put modules there: into the folder, or into one where it could be made. */
  readonly isOpen: boolean;
}

/** @param texts path files by their path, and others */
export function searchPathsOf(texts: ReadonlyMap<string, string>): SearchPath[] {
  return [...texts].flatMap(([file, text]) => {
    if (!file.endsWith(".pth")) return [];
    return pathFileLines(text).flatMap((line) => {
      if (line.startsWith("#") || line.trim() === "" || isCodeLine(line)) return [];
      const folder = resolve(dirname(file), line.trimEnd());
      return [{ file, folder, isOpen: isOpen(folder) }];
    });
  });
}

function isOpen(folder: string): boolean {
  try {
    return (lstatSync(folder).mode & 0o002) !== 0;
  } catch {
    const above = dirname(folder);
    return above !== folder && isOpen(above);
  }
}
