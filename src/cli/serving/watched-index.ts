import type { RealPlaces } from "../../clients/real-urls.ts";
import { compareVersions } from "../../distribution/version.ts";
import { messageOf } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { createInspections } from "../../inspect/inspection-memory.ts";
import { unseenRefusals } from "../../inspect/unseen-refusals.ts";
import { rememberMetadata } from "../../package-index/metadata-memory.ts";
import { defaultIndex } from "../../package-index/settings.ts";
import { type Catalog, createCatalog } from "../../proxy/catalog.ts";
import type { Withheld } from "../../proxy/listing.ts";
import { startLoopbackIndex } from "../../proxy/loopback-index.ts";
import type { RunOptions } from "../command-line/artifacts.ts";
import { openInspectionStore } from "../gate/cache-memory.ts";
import { openGate } from "../gate/gate-session.ts";
import { openIndexClient } from "../gate/index-client.ts";
import { listingMemoryFor, openPageStore } from "../gate/listing-memory.ts";
import type { Host } from "../host.ts";
import { removeLater } from "../remove-later.ts";
import { artifactStore } from "../settings/cache-folder.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import type { Talk } from "../terminal.ts";
import { rememberAskedByUrl } from "./asked-by-url.ts";
import { clientRelations, judgeForClient, metadataForClient, toFileAnswer } from "./file-answer.ts";

/** A loopback index that remembers what was asked of it. */
export interface WatchedIndex extends AsyncDisposable {
  readonly url: URL;
  /** A private folder. */
  readonly directory: string;
  /** Loads what the first request takes, while the command starts. */
  prepare(): void;
  /** Where what it served really is. */
  readonly places: RealPlaces;
  /**
   * Every file that was asked for; where the command failed, also the releases that the policy kept it from seeing and
   * that it might have chosen.
   */
  judged(hasFailed: boolean): Promise<readonly Judged[]>;
  /** What could not be had, each once. */
  failures(): readonly string[];
}

interface WatchedIndexParts {
  readonly options: RunOptions;
  readonly policy: PolicyInForce;
  readonly talk: Talk;
  readonly host: Host;
}

export async function openWatchedIndex({ options, policy, talk, host }: WatchedIndexParts): Promise<WatchedIndex> {
  await using rim = new AsyncDisposableStack();
  const directory = makeTemporaryFolder(host);
  // With an installer's cache in it: on some disks, to remove that takes as long as everything else of ours.
  rim.defer(() => removeLater(directory, host));
  const store = artifactStore(options.cacheDir, host);
  const opened = await openIndexClient(options, [], talk, host, { store, policy: policy.policy });
  const { indexes } = opened;
  const transport = rim.use(opened.transport);
  const pages = openPageStore(options.cacheDir, host);
  const client = pages === undefined ? opened.client : rememberMetadata(opened.client, pages);
  const seen = openInspectionStore(options, talk, host);
  const inspections = seen && createInspections(seen);
  const asked = seen && rememberAskedByUrl(seen);
  const gate = rim.use(
    await openGate({ client, transport, policy, options, talk, host, store, inspections, directory }),
  );
  const files = new Map<string, Judged>();
  const note = (judged: Judged) => {
    const { filename, url } = judged.ref;
    files.set(`${filename.text} ${url.href}`, judged);
  };
  const failures = new Set<string>();
  const noting = async <T>(action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } catch (error) {
      failures.add(messageOf(error));
      throw error;
    }
  };
  const refusal = unseenRefusals(policy.policy, host.now());
  const relations = clientRelations(policy);
  const catalog = createCatalog(
    client,
    (ref) => relations.map((relation) => refusal({ ref, relation })).find((verdict) => verdict),
    { memory: pages && listingMemoryFor(pages, client, policy, host) },
  );
  const index = rim.use(
    await startLoopbackIndex({
      catalog: { ...catalog, listing: (name) => noting(catalog.listing(name)) },
      metadata: (ref) => noting(metadataForClient(ref, { gate, policy, client, onRefused: note })),
      file: async (ref) => {
        const judged = await noting(judgeForClient(ref, gate, policy, asked));
        note(judged);
        return toFileAnswer(judged);
      },
      arriving: gate.arriving,
    }),
  );
  const owned = rim.move();
  return {
    url: index.url,
    directory,
    prepare: () => transport.prepare(),
    places: placesOf(catalog, indexes),
    judged: async (hasFailed) => [...files.values(), ...(hasFailed ? await missed(catalog) : [])],
    failures: () => [...failures],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function placesOf(catalog: Catalog, indexes: readonly URL[]): RealPlaces {
  const main = indexes.at(-1) ?? new URL(defaultIndex);
  return {
    async index(name) {
      const listing = name === undefined ? undefined : await catalog.listing(name);
      return listing?.index ?? main;
    },
    async file(name, filename) {
      const listing = await catalog.listing(name);
      return listing?.offered(filename)?.url;
    },
  };
}

/** Of one project; a range on the deny list may be long. */
const shownReleases = 3;

/** Old releases often have no wheel; that they were left out is news only where nothing newer was there. */
async function missed(catalog: Catalog): Promise<Withheld[]> {
  const candidates = (await catalog.withheldReleases()).filter(({ ref: { filename }, verdict, newestOffered }) => {
    if (verdict.findings.some(({ id }) => id !== "sdist-refused")) return true;
    return newestOffered === undefined || compareVersions(filename.version, newestOffered) > 0;
  });
  const byProject = Map.groupBy(candidates, ({ ref: { filename } }) => filename.name);
  return [...byProject.values()].flatMap((releases) => releases.slice(0, shownReleases));
}
