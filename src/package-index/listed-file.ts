import type { ArtifactRef, ArtifactSource, ProvenanceLink } from "../distribution/artifact.ts";
import { type Digests, isHashAlgorithm, isHexDigest } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { messageOf } from "../errors.ts";
import type { SkippedFile } from "./page.ts";
import { withoutCredentials } from "./url.ts";

/** What a page says of one file, in whichever format; texts as the page has them. */
export interface ListedFile {
  readonly filename: string;
  /** Absolute. */
  readonly url: URL;
  readonly hashes: Readonly<Record<string, unknown>>;
  readonly size?: number;
  readonly requiresPython?: string;
  readonly yanked?: string;
  readonly uploadTime?: Date;
  readonly coreMetadata?: Readonly<Record<string, unknown>>;
  readonly provenance: ProvenanceLink;
}

/** A reference for what the page lists, or why it is of no use. `project` is absent where pages list several. */
export function toRef(
  file: ListedFile,
  source: ArtifactSource,
  project: ProjectName | undefined,
): ArtifactRef | SkippedFile {
  const { filename: text, url, size, requiresPython, yanked, uploadTime, coreMetadata, provenance } = file;
  const skip = (reason: string): SkippedFile => ({ filename: text, reason });
  if (url.protocol !== "https:" && url.protocol !== "http:" && url.protocol !== "file:")
    return skip(`its URL begins with ${url.protocol}`);
  // What a page on the net says must not lead to files of this machine.
  if (url.protocol === "file:" && source.kind !== "direct" && source.url.protocol !== "file:")
    return skip("its URL is of a local file");
  // The same for servers of this machine, where http is taken otherwise.
  if (url.protocol === "http:" && source.kind !== "direct" && source.url.protocol === "https:")
    return skip("its URL is http: and that of the page https:");
  try {
    const filename = parseFilename(text);
    if (project !== undefined && filename.name !== project) return skip("it is a file of another project");
    return {
      filename,
      url: withoutFragment(url),
      digests: secureDigests(file.hashes),
      source,
      provenance: provenance instanceof URL ? withoutCredentials(provenance) : provenance,
      ...(size !== undefined && { size }),
      ...(requiresPython !== undefined && { requiresPython }),
      ...(yanked !== undefined && { yanked }),
      ...(uploadTime !== undefined && { uploadTime }),
      ...(coreMetadata !== undefined && { coreMetadata: secureDigests(coreMetadata) }),
    };
  } catch (error) {
    return skip(messageOf(error));
  }
}

/** Those of the hashes that count. A secure one that is malformed is kept out too: nothing can match it. */
function secureDigests(hashes: Readonly<Record<string, unknown>>): Digests {
  const { sha256, ...others } = hashes;
  if (typeof sha256 === "string" && isHexDigest("sha256", sha256) && Object.keys(others).length === 0)
    return { sha256: sha256.toLowerCase() };
  const secure = Object.entries(hashes).flatMap(([algorithm, hex]) =>
    isHashAlgorithm(algorithm) && typeof hex === "string" && isHexDigest(algorithm, hex)
      ? [[algorithm, hex.toLowerCase()]]
      : [],
  );
  return Object.fromEntries(secure);
}

function withoutFragment(url: URL): URL {
  if (url.hash === "") return withoutCredentials(url);
  const copy = new URL(withoutCredentials(url));
  copy.hash = "";
  return copy;
}
