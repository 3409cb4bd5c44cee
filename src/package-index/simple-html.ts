import type { ArtifactSource, ProjectStatus, ProvenanceLink } from "../distribution/artifact.ts";
import { lastSegment } from "../distribution/filename.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { checkApiVersion } from "./api-version.ts";
import { type StartTag, startTags } from "./html-tags.ts";
import { type ListedFile, toRef } from "./listed-file.ts";
import { type ProjectPage, pageOf, type WantedFiles } from "./page.ts";
import { withStatus } from "./project-status.ts";
import { readWanted } from "./read-wanted.ts";

const wanted: ReadonlySet<string> = new Set(["a", "base", "meta"]);

/**
 * Parses a page of links: a project page in HTML (PyPA: simple repository API, formerly PEP 503, 592, 658, 714, 740,
 * 792), or any page that `--find-links` names. Only start tags are read; what stands between them does not matter.
 * @param url where the page came from, behind redirects: relative URLs start there, or at its `<base>`
 * @param areWanted the files to read; all when left out
 * @throws IndexError `index-version-unsupported`
 */
export function parseSimpleHtml(
  body: string,
  url: URL,
  source: ArtifactSource,
  project?: ProjectName,
  areWanted?: WantedFiles,
): ProjectPage {
  const tags = startTags(body, wanted);
  const metas = tags.filter(({ name }) => name === "meta");
  const warnings = contentsOf("pypi:repository-version", metas).flatMap((version) => checkApiVersion(version, url));
  const base = baseOf(tags, url);
  const links = tags.filter(({ name }) => name === "a");
  const unread = {
    count: links.length,
    filenames: () => links.map(plainFilename),
    isAttested: (at: number) => provenanceLink(links[at]?.attribute("data-provenance"), base) instanceof URL,
    read(at: number) {
      const file = listedFile(links[at] as StartTag, base);
      return file && toRef(file, source, project);
    },
  };
  const listed = readWanted(unread, areWanted);
  const refs = listed.filter((ref) => ref !== undefined);
  // A page of links leads to anything: what is no file at all is not worth a word.
  const page = pageOf(
    refs.filter((ref) => !("reason" in ref) || /\.(?:whl|zip|tar\.gz)$/.test(ref.filename)),
    warnings,
  );
  return project === undefined ? page : withStatus(page, projectStatus(metas), project, listed.length < links.length);
}

/** The first `<base>` with a URL is that of the page, wherever it stands. */
function baseOf(tags: readonly StartTag[], url: URL): URL {
  const [href] = tags.filter(({ name }) => name === "base").flatMap((tag) => tag.attribute("href") ?? []);
  return (href === undefined ? null : URL.parse(href, url.href)) ?? url;
}

function contentsOf(name: string, metas: readonly StartTag[]): string[] {
  return metas.filter((meta) => meta.attribute("name") === name).map((meta) => meta.attribute("content") ?? "");
}

function projectStatus(metas: readonly StartTag[]): ProjectStatus | undefined {
  const [status] = contentsOf("pypi:project-status", metas);
  const [reason] = contentsOf("pypi:project-status-reason", metas);
  return status === undefined ? undefined : { status, ...(reason !== undefined && { reason }) };
}

/** As the URL has it; nothing where that has to be parsed to know it. */
function plainFilename(link: StartTag): string | undefined {
  const [href = ""] = splitFragment(link.attribute("href"));
  const filename = href.slice(href.lastIndexOf("/") + 1);
  return href.includes("?") || /[^!-~]|[%\\]/.test(filename) ? undefined : filename;
}

function listedFile(link: StartTag, base: URL): ListedFile | undefined {
  const attributes = link.attributes();
  // Cut off as text: pages list thousands of URLs, and taking the fragment out of one costs as much as parsing it.
  const [href, fragment = ""] = splitFragment(attributes.get("href"));
  const url = href === undefined ? null : URL.parse(href, base.href);
  if (url === null) return undefined;
  const requiresPython = attributes.get("data-requires-python");
  const yanked = attributes.get("data-yanked");
  const metadata = attributes.get("data-core-metadata") ?? attributes.get("data-dist-info-metadata");
  return {
    filename: lastSegment(url),
    url,
    hashes: hashesIn(fragment),
    provenance: provenanceLink(attributes.get("data-provenance"), base),
    ...(requiresPython !== undefined && requiresPython !== "" && { requiresPython }),
    ...(yanked !== undefined && { yanked }),
    ...(metadata !== undefined && metadata !== "false" && { coreMetadata: hashesIn(metadata) }),
  };
}

function splitFragment(href: string | undefined): readonly [href: string | undefined, fragment?: string] {
  const at = href?.indexOf("#") ?? -1;
  return href === undefined || at === -1 ? [href] : [href.slice(0, at), href.slice(at + 1)];
}

/** HTML has no way to say "none": without the attribute, nothing is known. */
function provenanceLink(text: string | undefined, base: URL): ProvenanceLink {
  return (text ? URL.parse(text, base.href) : null) ?? "unknown";
}

/** `sha256=HEX` in a fragment, maybe among others as in `egg=NAME&sha256=HEX`, or in an attribute. */
function hashesIn(text: string): Record<string, string> {
  if (text.startsWith("sha256=") && text.length === 71) return { sha256: text.slice(7) };
  const pairs = text.matchAll(/(?<=^|&)([a-z0-9]+)=([0-9a-f]+)(?=&|$)/gi);
  return Object.fromEntries([...pairs].map(([, algorithm = "", hex = ""]) => [algorithm.toLowerCase(), hex]));
}
