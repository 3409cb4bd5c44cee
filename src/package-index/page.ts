import type { ArtifactRef, ProjectStatus } from "../distribution/artifact.ts";

/** What one index, folder or page of links offers of one project. */
export interface ProjectPage {
  readonly files: readonly ArtifactRef[];
  /** How the index marks the project, unless that is as active. Each file has it too. */
  readonly projectStatus?: ProjectStatus;
  /** Files that tspip cannot use, with the reason. */
  readonly skipped: readonly SkippedFile[];
  /** Warnings about the page as a whole. */
  readonly warnings: readonly string[];
}

export interface SkippedFile {
  readonly filename: string;
  readonly reason: string;
}

/** Sorts references from files that are of no use. */
export function pageOf(listed: readonly (ArtifactRef | SkippedFile)[], warnings: readonly string[] = []): ProjectPage {
  return {
    files: listed.filter((file): file is ArtifactRef => !("reason" in file)),
    skipped: listed.filter((file): file is SkippedFile => "reason" in file),
    warnings,
  };
}

/**
 * Which files of a page are worth reading: pages list thousands of wheels, of which an interpreter takes a few.
 * @param filenames in the order of the page; absent where a file has to be read to know its name: it is read
 * @param isAttested whether the index has provenance of the file at that place
 * @returns for each whether it is
 */
export type WantedFiles = (
  filenames: readonly (string | undefined)[],
  isAttested: (at: number) => boolean,
) => readonly boolean[];
