import { ExternalReferenceType } from "@cyclonedx/cyclonedx-library/Enums";
import { ExternalReference } from "@cyclonedx/cyclonedx-library/Models";
import { digestOf, hasDigest } from "../distribution/digest.ts";
import type { CoreMetadata } from "../wheel/metadata.ts";
import { hashesOf } from "./hashes.ts";
import type { Archive, InstalledDistribution } from "./installed-distribution.ts";
import type { SourceArchive } from "./source-archive.ts";
import { clipped } from "./text.ts";
import { publicUrl } from "./url.ts";

/** Where the archive came from, then the links that METADATA declares. Each address stands once for each type. */
export function externalReferencesOf(
  { metadata, archives = [], nested = [], distInfo }: InstalledDistribution,
  archive: SourceArchive,
): ExternalReference[] {
  const references = [
    ...(archives.length > 1 ? archives.flatMap(choiceReference) : archiveReference(archive)),
    ...nested.map(({ path, text }) => nestedReference(`${distInfo}/${path}`, text)),
    ...declaredReferences(metadata),
  ];
  const byAddress = Map.groupBy(references, ({ type, url }) => `${type} ${url}`);
  return [...byAddress.values()].flatMap(([first]) => first ?? []);
}

/** A direct URL without digest or archive name leads to a repository or a folder: no distribution to compare with. */
function archiveReference({ url, filename, digests }: SourceArchive): ExternalReference[] {
  if (url === undefined) return [];
  const isArchive = filename !== undefined || hasDigest(digests);
  if (!isArchive)
    return [new ExternalReference(url, ExternalReferenceType.Other, { comment: "Installed from (direct_url.json)" })];
  return [
    new ExternalReference(url, ExternalReferenceType.Distribution, {
      hashes: hashesOf(digests),
      comment: "The archive that was installed",
    }),
  ];
}

function choiceReference({ url, filename, digests }: Archive): ExternalReference[] {
  const place = url === undefined ? filename : publicUrl(url, ["https:", "http:", "file:"]);
  if (place === undefined) return [];
  const comment = "One of the archives that it may be installed from";
  return [new ExternalReference(place, ExternalReferenceType.Distribution, { hashes: hashesOf(digests), comment })];
}

/** A document that the distribution brought (PEP 770), by its path among the packages. */
function nestedReference(path: string, text: string): ExternalReference {
  const hashes = hashesOf({ sha256: digestOf(Buffer.from(text)) });
  const comment = "An SBOM that the distribution brought; what it says is its packager's claim";
  return new ExternalReference(encodeURI(path), ExternalReferenceType.BOM, { hashes, comment });
}

function declaredReferences({ homePage, downloadUrl, projectUrls }: CoreMetadata): ExternalReference[] {
  const links = [
    ...(homePage === undefined ? [] : [{ field: "Home-page", label: "homepage", url: homePage }]),
    ...(downloadUrl === undefined ? [] : [{ field: "Download-URL", label: "download", url: downloadUrl }]),
    ...projectUrls.map(({ label, url }) => ({ field: `Project-URL: ${label}`, label, url })),
  ];
  return links.flatMap(({ field, label, url }) => {
    const href = publicUrl(url, ["https:", "http:", "mailto:"]);
    if (href === undefined) return [];
    return [new ExternalReference(href, typeOf(label), { comment: clipped(field) })];
  });
}

/** PEP 753, "Label normalization" and "Well-known labels", aliases included. */
function typeOf(label: string): ExternalReferenceType {
  const normalized = label.replace(/[!-/:-@[-`{-~\s]/g, "").toLowerCase();
  return wellKnown.get(normalized) ?? ExternalReferenceType.Other;
}

const wellKnown: ReadonlyMap<string, ExternalReferenceType> = new Map([
  ["homepage", ExternalReferenceType.Website],
  ["source", ExternalReferenceType.VCS],
  ["repository", ExternalReferenceType.VCS],
  ["sourcecode", ExternalReferenceType.VCS],
  ["github", ExternalReferenceType.VCS],
  ["download", ExternalReferenceType.Distribution],
  ["changelog", ExternalReferenceType.ReleaseNotes],
  ["changes", ExternalReferenceType.ReleaseNotes],
  ["whatsnew", ExternalReferenceType.ReleaseNotes],
  ["history", ExternalReferenceType.ReleaseNotes],
  ["releasenotes", ExternalReferenceType.ReleaseNotes],
  ["documentation", ExternalReferenceType.Documentation],
  ["docs", ExternalReferenceType.Documentation],
  ["issues", ExternalReferenceType.IssueTracker],
  ["bugs", ExternalReferenceType.IssueTracker],
  ["issue", ExternalReferenceType.IssueTracker],
  ["tracker", ExternalReferenceType.IssueTracker],
  ["issuetracker", ExternalReferenceType.IssueTracker],
  ["bugtracker", ExternalReferenceType.IssueTracker],
]);
