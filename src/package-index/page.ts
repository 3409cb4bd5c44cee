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
 * Which files of a page are worth reading, by their names; `isAttested` tells whether the index has provenance of the
 * file. Pages list thousands of wheels, of which an interpreter takes a few.
 */
export type WantedFile = (filename: string, isAttested: () => boolean) => boolean;
