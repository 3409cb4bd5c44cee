import type { ArtifactRef, ProjectStatus } from "../distribution/artifact.ts";
import { digestOf } from "../distribution/digest.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import type { ByteStore } from "../memory/byte-store.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { UnreadPage } from "../package-index/project-page.ts";
import { parseSimpleJson } from "../package-index/simple-json.ts";
import { type Listing, listingOf, type Refusal, sortFiles } from "./listing.ts";
import { jsonType } from "./simple-page.ts";

/** Listings of pages that were read before: reading and writing ten thousand files anew takes longer than to fetch them. */
export interface ListingMemory {
  /**
   * Made of the page as it is now; nothing where there is no single page, or it lists no file, or a warning goes with it.
   * @throws IndexError when it cannot be had or read
   */
  listing(name: ProjectName, refusal: Refusal): Promise<Listing | undefined>;
}

/** @param context what `refusal` goes by: a listing that was made by anything else is none */
export function createListingMemory(
  client: Pick<IndexClient, "onlyPage">,
  store: ByteStore,
  context: readonly string[],
): ListingMemory {
  return {
    async listing(name, refusal) {
      const page = await client.onlyPage(name);
      if (page === undefined) return undefined;
      const slot = JSON.stringify([name, page.index.href]);
      const key = JSON.stringify(["listing/1", ...context, slot, page.sha256]);
      const known = parseStored(store.get(slot), key);
      if (known !== undefined) return rememberedListing(name, known, page, refusal);
      const read = page.read();
      // A page that says more than its files is read by the client each time, which says it.
      if (read.files.length === 0 || read.warnings.length > 0) return undefined;
      const listing = listingOf(name, sortFiles(read.files, refusal));
      const stored = toStored(key, listing, read.projectStatus);
      void store.set(slot, stored);
      const made = parseStored(stored, key);
      // What was read is let go: it takes twenty times the room of the page.
      return made === undefined ? listing : rememberedListing(name, made, page, refusal);
    },
  };
}

/** A page as it goes out, and where its files really are. */
interface StoredListing extends StoredHead {
  readonly body: Buffer;
  /** A line each: file name, space, URL. */
  readonly places: Buffer;
}

/** The first line of what is stored. */
interface StoredHead {
  readonly key: string;
  readonly etag: string;
  readonly bodyLength: number;
  readonly placesLength: number;
  readonly projectStatus?: ProjectStatus;
}

function toStored(key: string, listing: Listing, projectStatus: ProjectStatus | undefined): Buffer {
  const body = Buffer.from(listing.page(jsonType).body);
  const lines = listing.files().offered.map(({ filename, url }) => `\n${filename.text} ${url.href}`);
  const places = Buffer.from(`${lines.join("")}\n`);
  const head: StoredHead = {
    key,
    etag: digestOf(body),
    bodyLength: body.length,
    placesLength: places.length,
    ...(projectStatus && { projectStatus }),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body, places]);
}

/** Nothing when it was cut off, or is about anything else. */
function parseStored(bytes: Buffer | undefined, key: string): StoredListing | undefined {
  if (bytes === undefined) return undefined;
  const start = bytes.indexOf("\n") + 1;
  try {
    const head = JSON.parse(bytes.toString("utf8", 0, start)) as StoredHead;
    if (head.key !== key || bytes.length !== start + head.bodyLength + head.placesLength) return undefined;
    const end = start + head.bodyLength;
    return { ...head, body: bytes.subarray(start, end), places: bytes.subarray(end) };
  } catch {
    return undefined;
  }
}

function rememberedListing(name: ProjectName, stored: StoredListing, page: UnreadPage, refusal: Refusal): Listing {
  const { body, etag } = stored;
  const readAnew = () => listingOf(name, sortFiles(page.read().files, refusal));
  return {
    index: page.index,
    files: () => readAnew().files(),
    page: (type) => (type === jsonType ? { contentType: jsonType, body, etag } : readAnew().page(type)),
    offered: (filename) => refIn(stored, name, filename, page.index),
  };
}

/** One file, read as the page of an index that lists nothing else. Line breaks and quotes are escaped in what it says. */
function refIn(
  { body, places, projectStatus }: StoredListing,
  name: ProjectName,
  filename: string,
  index: URL,
): ArtifactRef | undefined {
  const entry = between(body, `{"filename":${JSON.stringify(filename)},`, "\n");
  const place = between(places, `\n${filename} `, "\n")?.slice(filename.length + 2);
  if (entry === undefined || place === undefined) return undefined;
  const file = { ...JSON.parse(entry.replace(/(?:,|\]\})$/, "")), url: place };
  const page = JSON.stringify({ files: [file], "project-status": projectStatus });
  return parseSimpleJson(page, index, { kind: "index", url: index }, name).files[0];
}

/** From `start` to before `end`. */
function between(bytes: Buffer, start: string, end: string): string | undefined {
  const at = bytes.indexOf(start);
  if (at === -1) return undefined;
  const until = bytes.indexOf(end, at + 1);
  return bytes.toString("utf8", at, until === -1 ? bytes.length : until);
}
