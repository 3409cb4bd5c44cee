import type { ArtifactRef } from "../distribution/artifact.ts";
import type { SkippedFile, WantedFiles } from "./page.ts";

/** The files of a page, in its order, before any is read. */
export interface UnreadFiles<File> {
  readonly count: number;
  /** See WantedFiles. */
  filenames(): readonly (string | undefined)[];
  isAttested(at: number): boolean;
  read(at: number): File;
}

/**
 * Reads the wanted files of a page, or all. Where one turns out to be of no use, it stands for its release no longer, and
 * others of that may be wanted in its stead.
 * @returns what was read, in the order of the page
 */
export function readWanted<File extends ArtifactRef | SkippedFile | undefined>(
  { count, filenames, isAttested, read }: UnreadFiles<File>,
  areWanted?: WantedFiles,
): File[] {
  if (areWanted === undefined) return Array.from({ length: count }, (_, at) => read(at));
  const names = [...filenames()];
  const found = new Map<number, File>();
  for (let hasLost = true; hasLost; ) {
    hasLost = false;
    const wanted = areWanted(names, isAttested);
    for (const at of names.keys()) {
      if (found.has(at) || !(wanted[at] || names[at] === undefined)) continue;
      const file = read(at);
      found.set(at, file);
      if (names[at] === undefined || (file !== undefined && !("reason" in file))) continue;
      names[at] = undefined;
      hasLost = true;
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([, file]) => file);
}
