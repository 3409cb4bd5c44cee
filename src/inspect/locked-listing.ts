import type { ArtifactRef } from "../distribution/artifact.ts";
import { hasDigest } from "../distribution/digest.ts";
import { IndexError } from "../errors.ts";
import { attestedOnIndex } from "../package-index/attested-before.ts";
import type { IndexClient } from "../package-index/client.ts";
import { isSamePlace } from "../package-index/url.ts";

/** What judging a file goes by: the reference, with what its index says of it now. */
export interface Listing {
  readonly ref: ArtifactRef;
  /** Why the index's word is missing; absent where nothing is. */
  readonly gap?: ListingGap;
}

/** `unlisted`: the index lists other files. `unavailable`: it could not be asked. `offline`: nobody was to be asked. */
export interface ListingGap {
  readonly kind: "unlisted" | "unavailable" | "offline";
  readonly reason: string;
}

type IndexSource = Extract<ArtifactRef["source"], { kind: "index" }>;
type AskedIndex = Pick<IndexClient, "files" | "release">;

/**
 * A reference from a lock file, as the index that the lock names lists it now; any other as it is, with what earlier
 * releases had where that matters. Whoever writes a lock may claim any index and any time of upload, so neither is taken
 * from it where the index can be asked.
 * @param needsEarlier whether earlier releases matter, which whoever made the reference may not have looked at
 */
export async function listingOf(ref: ArtifactRef, client: AskedIndex, needsEarlier: boolean): Promise<Listing> {
  const isUnasked = ref.source.kind === "index" && ref.provenance === "unasked";
  if (!isUnasked && (!needsEarlier || ref.attestedBefore !== undefined)) return { ref };
  try {
    return ref.source.kind === "index" ? await onIndex(ref, ref.source, client) : await besideIndex(ref, client);
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    const kind = error.code === "offline" ? "offline" : "unavailable";
    return { ref, gap: { kind, reason: error.message } };
  }
}

async function onIndex(ref: ArtifactRef, { url: index }: IndexSource, client: AskedIndex): Promise<Listing> {
  const { filename, provenance } = ref;
  const files = await client.release(filename.name, filename.version, index);
  const listed = files.find((file) => file.filename.text === filename.text);
  if (listed !== undefined)
    return { ref: provenance === "unasked" ? asListed(ref, listed) : withEarlier(ref, listed.attestedBefore) };
  const projectStatus = await statusOf(ref, index, client);
  // Removed files may still be served: that nobody lists it any more is what a gate is there to notice.
  const reason = `${index.href} does not list it any more`;
  return { ref: { ...ref, ...(projectStatus && { projectStatus }) }, gap: { kind: "unlisted", reason } };
}

/** A file of a URL, a path or a page of links: what indexes have of its project, the user would else have had. */
async function besideIndex(ref: ArtifactRef, client: AskedIndex): Promise<Listing> {
  const pages = await client.files(ref.filename.name);
  const offered = pages.flatMap(({ files }) => files);
  return { ref: withEarlier(ref, attestedOnIndex(ref, offered)) };
}

/**
 * What the index says, at the URL of the lock. A file at a URL that the index does not list comes from that URL and not
 * from the index; what the index says against it, and of its bytes, still holds.
 */
function asListed(locked: ArtifactRef, listed: ArtifactRef): ArtifactRef {
  const { url, pins, size } = locked;
  const merged = { ...(size !== undefined && { size }), ...listed, url, ...(pins && { pins }) };
  if (isSamePlace(url, listed.url)) return merged;
  const { uploadTime, ...elsewhere } = merged;
  // Without a digest, nothing says that the bytes are those that were uploaded then.
  const isBound = uploadTime !== undefined && hasDigest(listed.digests);
  return { ...elsewhere, source: { kind: "direct" }, ...(isBound && { uploadTime }) };
}

function withEarlier(ref: ArtifactRef, attestedBefore: string | undefined): ArtifactRef {
  return attestedBefore === undefined ? ref : { ...ref, attestedBefore };
}

/** An index lists no files of a project that it has quarantined, and says so on the page. */
async function statusOf({ filename }: ArtifactRef, index: URL, client: AskedIndex) {
  const pages = await client.files(filename.name, index);
  return pages.find(({ projectStatus }) => projectStatus !== undefined)?.projectStatus;
}
