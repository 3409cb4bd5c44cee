import type { ArtifactRef } from "../distribution/artifact.ts";
import type { SkippedFile, WantedFiles } from "./page.ts";

/** The files of a page, in its order, before any is read. */
export interface ListedNames {
  /** See WantedFiles. */
  readonly filenames: readonly (string | undefined)[];
  readonly isAttested: (at: number) => boolean;
  /** @returns nothing for what is no file */
  read(at: number): ArtifactRef | SkippedFile | undefined;
}

/**
 * Reads the wanted files of a page. Where one turns out to be of no use, it stands for its release no longer, and others of
 * that may be wanted in its stead.
 * @returns what was read, in the order of the page; nothing for what is no file
 */
export function readWanted(
  { filenames, isAttested, read }: ListedNames,
  areWanted: WantedFiles,
): (ArtifactRef | SkippedFile | undefined)[] {
  const names = [...filenames];
  const found = new Map<number, ArtifactRef | SkippedFile | undefined>();
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
