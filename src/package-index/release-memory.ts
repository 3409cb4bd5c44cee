import type { ArtifactRef, ProvenanceLink } from "../distribution/artifact.ts";
import { parseFilename } from "../distribution/filename.ts";
import type { JsonStore } from "../memory/json-store.ts";
import type { IndexClient } from "./client.ts";

/** An `ArtifactRef` as JSON: URLs, dates and names as text. */
interface StoredRef extends Omit<ArtifactRef, "filename" | "url" | "source" | "uploadTime" | "provenance"> {
  readonly filename: string;
  readonly url: string;
  readonly source: { readonly kind: ArtifactRef["source"]["kind"]; readonly url?: string };
  readonly uploadTime?: string;
  readonly provenance: string;
}

/**
 * The same client, which remembers the files of a release. Where `files` was asked already, that answer is used.
 * @param settings what the answer depends on besides the release: the indexes in use
 */
export function rememberReleases(client: IndexClient, settings: readonly string[], store: JsonStore): IndexClient {
  return {
    ...client,
    async release(name, version, index) {
      const keyFor = (asked: string) => ["release", asked, name, version.text];
      const everywhere = settings.join(" ");
      const key = keyFor(index?.href ?? everywhere);
      const stored = revived(store.get(key));
      if (stored !== undefined) return stored;
      // A lock that names no index is planned by all of them, and judged by the one that has the file.
      const known = index === undefined ? undefined : revived(store.get(keyFor(everywhere)));
      if (known?.every(({ source }) => source.kind === "index" && source.url.href === index?.href)) return known;
      const files = await client.release(name, version, index);
      // What is not there yet may be there in a minute.
      if (files.length > 0) await store.set(key, files.map(toStored));
      return files;
    },
  };
}

function toStored(ref: ArtifactRef): StoredRef {
  const { filename, url, source, uploadTime, provenance, ...rest } = ref;
  return {
    ...rest,
    filename: filename.text,
    url: url.href,
    source: source.kind === "direct" ? { kind: source.kind } : { kind: source.kind, url: source.url.href },
    ...(uploadTime && { uploadTime: uploadTime.toISOString() }),
    provenance: String(provenance),
  };
}

/** Nothing when the stored value is not what `toStored` writes. */
function revived(value: unknown): ArtifactRef[] | undefined {
  if (!Array.isArray(value)) return undefined;
  try {
    return value.map(fromStored);
  } catch {
    return undefined;
  }
}

function fromStored({ filename, url, source, uploadTime, provenance, ...rest }: StoredRef): ArtifactRef {
  return {
    ...rest,
    filename: parseFilename(filename),
    url: new URL(url),
    source:
      source.kind === "direct" || source.url === undefined
        ? { kind: "direct" }
        : { kind: source.kind, url: new URL(source.url) },
    ...(uploadTime !== undefined && { uploadTime: new Date(uploadTime) }),
    provenance: isWord(provenance) ? provenance : new URL(provenance),
  };
}

function isWord(text: string): text is Exclude<ProvenanceLink, URL> {
  return text === "none" || text === "unknown" || text === "unasked";
}
