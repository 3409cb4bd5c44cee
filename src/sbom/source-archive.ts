import { type Digests, isHexDigest, secureAlgorithms } from "../distribution/digest.ts";
import { type ArtifactFilename, isOf, lastSegment, parseFilename } from "../distribution/filename.ts";
import type { ProvenanceUrl } from "../environment/installed.ts";
import { TspipError } from "../errors.ts";
import type { Receipt } from "../verdict/receipt.ts";
import type { InstalledDistribution } from "./installed-distribution.ts";
import { publicUrl } from "./url.ts";

/** The archive that a distribution was installed from, as far as the files of its `.dist-info` tell. */
export interface SourceArchive {
  readonly filename?: string;
  /** Without credentials. */
  readonly url?: string;
  /** Of the whole archive; empty when nobody wrote them down. RECORD's hashes are of single files and no substitute. */
  readonly digests: Digests;
  /** The receipt, if there is one and it is about this distribution. */
  readonly receipt?: Receipt;
}

/** What is known of the archive: by tspip's receipt, else by direct_url.json or provenance_url.json, else nothing. */
export function sourceArchive(distribution: InstalledDistribution): SourceArchive {
  const { receipt, provenanceUrl, archives = [] } = distribution;
  const { directUrl = isAboutOne(distribution, provenanceUrl) } = distribution;
  const [only, ...others] = archives;
  // Of several archives nobody knows which it will be.
  if (only !== undefined) return others.length === 0 ? { ...only, ...(only.url && known(only.url)) } : { digests: {} };
  if (receipt !== undefined && isAbout(distribution, receipt.artifact.filename)) {
    const { filename, url, hashes } = receipt.artifact;
    return { filename, ...known(url), digests: secureDigests(hashes), receipt };
  }
  if (directUrl === undefined) return { digests: {} };
  const url = URL.parse(directUrl.url);
  const filename = url === null ? "" : lastSegment(url);
  return {
    ...(isAbout(distribution, filename) && { filename }),
    ...known(directUrl.url),
    digests: secureDigests(directUrl.archive_info.hashes),
  };
}

/** Another installer may have put a new version in place of ours and carried the receipt along. */
function isAbout({ name, version }: InstalledDistribution, filename: string): boolean {
  const parsed = filenameOrNone(filename);
  return parsed !== undefined && isOf(parsed, name, version);
}

/** An index serves archives by their names. */
function isAboutOne(distribution: InstalledDistribution, from: ProvenanceUrl | undefined): ProvenanceUrl | undefined {
  const url = from && URL.parse(from.url);
  return url && isAbout(distribution, lastSegment(url)) ? from : undefined;
}

function filenameOrNone(text: string): ArtifactFilename | undefined {
  try {
    return parseFilename(text);
  } catch (error) {
    if (error instanceof TspipError) return undefined;
    throw error;
  }
}

function known(url: string): { url?: string } {
  const found = publicUrl(url, ["https:", "http:", "file:"]);
  return found === undefined ? {} : { url: found };
}

function secureDigests(hashes: Readonly<Record<string, string>>): Digests {
  const secure = secureAlgorithms.flatMap((algorithm) => {
    const hex = Object.hasOwn(hashes, algorithm) ? hashes[algorithm] : undefined;
    return hex !== undefined && isHexDigest(algorithm, hex) ? [[algorithm, hex.toLowerCase()]] : [];
  });
  return Object.fromEntries(secure);
}
