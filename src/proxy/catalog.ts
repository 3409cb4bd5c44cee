import type { ArtifactRef } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { compareVersions, type Version } from "../distribution/version.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { DenyVerdict } from "../verdict/verdict.ts";

/** What the loopback index offers of one project. */
export interface Listing {
  /** Files that may be asked for; each file name once. */
  readonly offered: readonly ArtifactRef[];
  /** Files that the policy refuses by what the index says of them alone. */
  readonly withheld: readonly Withheld[];
}

export interface Withheld {
  readonly ref: ArtifactRef;
  readonly verdict: DenyVerdict;
}

/** A release of which nothing is offered, by one of its files. */
export interface WithheldRelease extends Withheld {
  /** The newest version of the project that is offered; absent when none is. */
  readonly newestOffered?: Version;
}

/** The candidates of every project, sorted into offered and withheld once each. */
export interface Catalog {
  /** Nothing when no index knows the project. @throws IndexError when an index cannot be asked */
  listing(name: ProjectName): Promise<Listing | undefined>;
  /** Of all projects that somebody asked about, the newest first in each. */
  withheldReleases(): readonly WithheldRelease[];
}

/**
 * @param refusal what refuses a file unseen, if anything does
 * @param given files that the user named: they are all there is of their projects
 */
export function createCatalog(
  client: Pick<IndexClient, "files">,
  refusal: (ref: ArtifactRef) => DenyVerdict | undefined,
  given: readonly ArtifactRef[] = [],
): Catalog {
  const givenOf = Map.groupBy(given, ({ filename }) => filename.name);
  const listings = new Map<ProjectName, Promise<Listing | undefined>>();
  const releases: WithheldRelease[] = [];

  async function sort(name: ProjectName): Promise<Listing | undefined> {
    const files = givenOf.get(name) ?? (await client.files(name)).flatMap((page) => page.files);
    if (files.length === 0) return undefined;
    const offered = new Map<string, ArtifactRef>();
    const refused: Withheld[] = [];
    for (const ref of files) {
      const verdict = refusal(ref);
      if (verdict !== undefined) refused.push({ ref, verdict });
      else if (!offered.has(ref.filename.text)) offered.set(ref.filename.text, ref);
    }
    releases.push(...wholeReleases(refused, [...offered.values()]));
    return { offered: [...offered.values()], withheld: refused };
  }

  return {
    listing(name) {
      const known = listings.get(name);
      if (known !== undefined) return known;
      const listing = sort(name);
      listings.set(name, listing);
      // What an index could not say it may say next time.
      listing.catch(() => listings.delete(name));
      return listing;
    },
    withheldReleases: () => releases,
  };
}

/** A release of which another file is offered is not withheld. A wheel stands for its release better than an sdist. */
function wholeReleases(refused: readonly Withheld[], offered: readonly ArtifactRef[]): WithheldRelease[] {
  const available = new Set(offered.map(({ filename }) => filename.version.text));
  const lost = new Map<string, Withheld>();
  for (const file of refused) {
    const { kind, version } = file.ref.filename;
    if (!available.has(version.text) && (kind === "wheel" || !lost.has(version.text))) lost.set(version.text, file);
  }
  const [newestOffered] = offered.map(({ filename }) => filename.version).sort((a, b) => compareVersions(b, a));
  return [...lost.values()]
    .sort((a, b) => compareVersions(b.ref.filename.version, a.ref.filename.version))
    .map((file) => ({ ...file, ...(newestOffered && { newestOffered }) }));
}
