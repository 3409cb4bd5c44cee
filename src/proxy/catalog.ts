import type { ArtifactRef } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { compareVersions, type Version } from "../distribution/version.ts";
import type { IndexClient } from "../package-index/client.ts";
import { type Listing, listingOf, type Refusal, type SortedFiles, sortFiles, type Withheld } from "./listing.ts";
import type { ListingMemory } from "./listing-memory.ts";

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
  withheldReleases(): Promise<readonly WithheldRelease[]>;
}

export interface CatalogOptions {
  /** Files that the user named: they are all there is of their projects. */
  readonly given?: readonly ArtifactRef[];
  /** What was made of the same pages before. */
  readonly memory?: ListingMemory | undefined;
}

export function createCatalog(
  client: Pick<IndexClient, "files">,
  refusal: Refusal,
  { given = [], memory }: CatalogOptions = {},
): Catalog {
  const givenOf = Map.groupBy(given, ({ filename }) => filename.name);
  const listings = new Map<ProjectName, Promise<Listing | undefined>>();

  async function make(name: ProjectName): Promise<Listing | undefined> {
    const named = givenOf.get(name);
    const remembered = named === undefined ? await memory?.listing(name, refusal) : undefined;
    if (remembered !== undefined) return remembered;
    const files = named ?? (await client.files(name)).flatMap((page) => page.files);
    return files.length === 0 ? undefined : listingOf(name, sortFiles(files, refusal));
  }

  return {
    listing(name) {
      const known = listings.get(name);
      if (known !== undefined) return known;
      const listing = make(name);
      listings.set(name, listing);
      // What an index could not say it may say next time.
      listing.catch(() => listings.delete(name));
      return listing;
    },
    async withheldReleases() {
      const known = (await Promise.allSettled(listings.values())).flatMap((listing) =>
        listing.status === "fulfilled" ? (listing.value ?? []) : [],
      );
      return known.flatMap((listing) => wholeReleases(listing.files()));
    },
  };
}

/** A release of which another file is offered is not withheld. A wheel stands for its release better than an sdist. */
function wholeReleases({ offered, withheld }: SortedFiles): WithheldRelease[] {
  const available = new Set(offered.map(({ filename }) => filename.version.text));
  const lost = new Map<string, Withheld>();
  for (const file of withheld) {
    const { kind, version } = file.ref.filename;
    if (!available.has(version.text) && (kind === "wheel" || !lost.has(version.text))) lost.set(version.text, file);
  }
  const [newestOffered] = offered.map(({ filename }) => filename.version).sort((a, b) => compareVersions(b, a));
  return [...lost.values()]
    .sort((a, b) => compareVersions(b.ref.filename.version, a.ref.filename.version))
    .map((file) => ({ ...file, ...(newestOffered && { newestOffered }) }));
}
