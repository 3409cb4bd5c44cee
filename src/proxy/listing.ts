import type { ArtifactRef } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import type { DenyVerdict } from "../verdict/verdict.ts";
import { type PageType, renderPage, type SimplePage } from "./simple-page.ts";

/** What the loopback index offers of one project. */
export interface Listing {
  /** The index that it is from, if it is from one. */
  readonly index: URL | undefined;
  /** All of it. */
  files(): SortedFiles;
  page(type: PageType): SimplePage;
  /** The file of that name, if it may be asked for. */
  offered(filename: string): ArtifactRef | undefined;
}

export interface SortedFiles {
  /** Files that may be asked for; each file name once. */
  readonly offered: readonly ArtifactRef[];
  /** Files that the policy refuses by what the index says of them alone. */
  readonly withheld: readonly Withheld[];
}

export interface Withheld {
  readonly ref: ArtifactRef;
  readonly verdict: DenyVerdict;
}

/** What refuses a file unseen, if anything does. */
export type Refusal = (ref: ArtifactRef) => DenyVerdict | undefined;

export function sortFiles(files: readonly ArtifactRef[], refusal: Refusal): SortedFiles {
  const offered = new Map<string, ArtifactRef>();
  const withheld: Withheld[] = [];
  for (const ref of files) {
    const verdict = refusal(ref);
    if (verdict !== undefined) withheld.push({ ref, verdict });
    else if (!offered.has(ref.filename.text)) offered.set(ref.filename.text, ref);
  }
  return { offered: [...offered.values()], withheld };
}

export function listingOf(name: ProjectName, sorted: SortedFiles): Listing {
  const source = sorted.offered.map((ref) => ref.source).find(({ kind }) => kind === "index");
  return {
    index: source?.kind === "index" ? source.url : undefined,
    files: () => sorted,
    page: (type) => renderPage(name, sorted.offered, type),
    offered: (filename) => sorted.offered.find((ref) => ref.filename.text === filename),
  };
}
