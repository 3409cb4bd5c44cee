import { isOf, lastSegment, parseFilename } from "../distribution/filename.ts";
import { provenanceUrlFilename } from "../environment/direct-url.ts";
import type { Installed } from "../environment/installed.ts";
import { receiptFilename } from "../verdict/receipt.ts";

/** The archive that a distribution came from, by what an installer wrote down. */
export interface InstalledArchive {
  /** `receipt` is the one of tspip. */
  readonly by: "receipt" | "direct_url.json" | typeof provenanceUrlFilename;
  readonly url: string;
  /** Absent where a user named a URL: nobody says that what lies there has the name of an archive. */
  readonly filename?: string;
  /** In hexadecimal digits. */
  readonly sha256?: string;
}

/** By the receipt, else by the other two; nothing where nobody wrote it down, or wrote of another release. */
export function installedArchive(installed: Installed): InstalledArchive | undefined {
  const { receipt, directUrl, provenanceUrl } = installed;
  if (receipt !== undefined) {
    const { url, filename, hashes } = receipt.artifact;
    return { by: "receipt", url, filename, ...digestIn(hashes) };
  }
  if (directUrl !== undefined)
    return { by: "direct_url.json", url: directUrl.url, ...digestIn(directUrl.archive_info.hashes) };
  if (provenanceUrl === undefined || !isOfRelease(archiveName(provenanceUrl.url), installed)) return undefined;
  const { url, archive_info } = provenanceUrl;
  return { by: provenanceUrlFilename, url, filename: archiveName(url), ...digestIn(archive_info.hashes) };
}

/** The file names in what installers wrote down of an index's archives. */
export function namedArchives({
  receipt,
  provenanceUrl,
}: Installed): { readonly file: string; readonly name: string }[] {
  return [
    ...(receipt === undefined ? [] : [{ file: receiptFilename, name: receipt.artifact.filename }]),
    ...(provenanceUrl === undefined ? [] : [{ file: provenanceUrlFilename, name: archiveName(provenanceUrl.url) }]),
  ];
}

export function isOfRelease(filename: string, { name, version }: Installed): boolean {
  try {
    return isOf(parseFilename(filename), name, version);
  } catch {
    return false;
  }
}

function archiveName(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? url : lastSegment(parsed);
}

function digestIn({ sha256 }: Readonly<Record<string, string>>): { sha256?: string } {
  return sha256 === undefined ? {} : { sha256: sha256.toLowerCase() };
}
