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

/** No system takes a longer path from a program (PATH_MAX), so Python finds no folder by one. */
const longestPath = 4096;

/** @param texts path files by their path, and others */
export function searchPathsOf(texts: ReadonlyMap<string, string>): SearchPath[] {
  return [...texts].flatMap(([file, text]) => {
    if (!file.endsWith(".pth")) return [];
    return pathFileLines(text).flatMap((line) => {
      if (line.startsWith("#") || line.trim() === "" || isCodeLine(line)) return [];
      const folder = resolve(dirname(file), line.trimEnd());
      return folder.length > longestPath ? [] : [{ file, folder, isOpen: isOpen(folder) }];
    });
  });
}

/** By the folder itself, else the nearest above it that is there. */
function isOpen(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const mode = modeOf(at);
    if (mode !== undefined) return (mode & 0o002) !== 0;
    if (dirname(at) === at) return false;
  }
}

function modeOf(path: string): number | undefined {
  try {
    return lstatSync(path).mode;
  } catch {
    return undefined;
  }
}
