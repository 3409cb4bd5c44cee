import type { ArtifactRef, PinnedDigest } from "../distribution/artifact.ts";
import { IndexError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";
import { isSamePlace } from "../package-index/url.ts";
import type { LockedFile, LockedPackage } from "./lock-file.ts";

/** The file at the URL that the lock has. When it was uploaded is for its index to say. */
export async function refOf(
  { filename, pins, details }: LockedFile,
  { index }: LockedPackage,
  client: Pick<IndexClient, "release">,
): Promise<ArtifactRef> {
  const { url, size } = details();
  if (url === undefined) throw new RangeError(`The lock has no URL for ${filename.text}`);
  const ref: ArtifactRef = {
    filename,
    url,
    digests: {},
    pins: ofOneFile(pins),
    source: index instanceof URL ? { kind: "index", url: index } : { kind: "direct" },
    provenance: index instanceof URL ? "unasked" : "unknown",
    ...(size !== undefined && { size }),
  };
  return index === "unnamed" ? onItsIndex(ref, client) : ref;
}

/**
 * The reference as from the index of the settings that lists the file at that URL. Where none does, it comes from the URL;
 * nor does anything else follow where nobody may be asked.
 */
async function onItsIndex(ref: ArtifactRef, client: Pick<IndexClient, "release">): Promise<ArtifactRef> {
  const { filename, url } = ref;
  if (url.protocol === "file:") return ref;
  try {
    const offered = await client.release(filename.name, filename.version);
    const listed = offered.find((file) => file.filename.text === filename.text && isSamePlace(file.url, url));
    return listed?.source.kind === "index" ? { ...ref, source: listed.source, provenance: "unasked" } : ref;
  } catch (error) {
    if (error instanceof IndexError && error.code === "offline") return ref;
    throw error;
  }
}

/** Where the lock has names or digests only, the index says where the files are; the lock says which of them count. */
export async function refsOnIndex(
  locked: LockedPackage,
  client: Pick<IndexClient, "files" | "release">,
): Promise<ArtifactRef[]> {
  const { name, version, index, files, pins } = locked;
  const named = index === "unnamed" ? undefined : index;
  const offered =
    version === undefined
      ? (await client.files(name, named)).flatMap((page) => page.files)
      : await client.release(name, version, named);
  const byName = Map.groupBy(files, ({ filename }) => filename.text);
  return offered.flatMap((ref) => {
    const own = files.length === 0 ? pins : pinsOf(byName.get(ref.filename.text) ?? []);
    return own.length === 0 ? [] : [{ ...ref, pins: own }];
  });
}

function pinsOf(files: readonly LockedFile[]): PinnedDigest[] {
  return files.flatMap(({ pins }) => ofOneFile(pins));
}

function ofOneFile(pins: readonly PinnedDigest[]): PinnedDigest[] {
  return pins.map((pin) => ({ by: "lock", ...pin }));
}
