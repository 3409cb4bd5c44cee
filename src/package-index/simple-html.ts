import type { ArtifactSource, ProvenanceLink } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { checkApiVersion } from "./api-version.ts";
import { type ListedFile, toRef } from "./listed-file.ts";
import { type ProjectPage, pageOf } from "./page.ts";

/**
 * Parses a page of links: a project page in HTML (PyPA: simple repository API, formerly PEP 503, 592, 658, 714, 740),
 * or any page that `--find-links` names. Only start tags are read; what stands between them does not matter.
 * @param url where the page came from, behind redirects: relative URLs start there, or at its `<base>`
 * @throws IndexError `index-version-unsupported`
 */
export function parseSimpleHtml(body: string, url: URL, source: ArtifactSource, project?: ProjectName): ProjectPage {
  let base = url;
  let warnings: string[] = [];
  const listed: ListedFile[] = [];
  for (const { name, attributes } of startTags(body)) {
    const href = attributes.get("href");
    if (name === "base" && href !== undefined) base = URL.parse(href, url.href) ?? base;
    if (name === "meta" && attributes.get("name") === "pypi:repository-version")
      warnings = checkApiVersion(attributes.get("content"), url);
    if (name !== "a" || href === undefined) continue;
    const link = URL.parse(href, base.href);
    if (link !== null) listed.push(listedFile(link, attributes));
  }
  const refs = listed.map((file) => toRef(file, source, project));
  // A page of links leads to anything: what is no file at all is not worth a word.
  return pageOf(
    refs.filter((ref) => !("reason" in ref) || /\.(?:whl|zip|tar\.gz)$/.test(ref.filename)),
    warnings,
  );
}

function listedFile(url: URL, attributes: ReadonlyMap<string, string>): ListedFile {
  const requiresPython = attributes.get("data-requires-python");
  const yanked = attributes.get("data-yanked");
  const metadata = attributes.get("data-core-metadata") ?? attributes.get("data-dist-info-metadata");
  return {
    filename: lastSegment(url),
    url,
    hashes: hashIn(url.hash.slice(1)),
    provenance: provenanceLink(attributes.get("data-provenance")),
    ...(requiresPython !== undefined && requiresPython !== "" && { requiresPython }),
    ...(yanked !== undefined && { yanked }),
    ...(metadata !== undefined && metadata !== "false" && { coreMetadata: hashIn(metadata) }),
  };
}

/** HTML has no way to say "none": without the attribute, nothing is known. */
function provenanceLink(text: string | undefined): ProvenanceLink {
  return (text === undefined ? null : URL.parse(text)) ?? "unknown";
}

function lastSegment({ pathname }: URL): string {
  const segment = pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** `sha256=HEX`, in a fragment or an attribute. */
function hashIn(text: string): Record<string, string> {
  const [, algorithm, hex] = /(?:^|&)([a-z0-9]+)=([0-9a-f]+)(?:&|$)/i.exec(text) ?? [];
  return algorithm === undefined || hex === undefined ? {} : { [algorithm.toLowerCase()]: hex };
}

interface StartTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const tagPattern = /<!--[\s\S]*?(?:-->|$)|<(a|base|meta)(?=[\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const attributePattern = /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/g;

function* startTags(html: string): Generator<StartTag> {
  for (const [, name, text = ""] of html.matchAll(tagPattern)) {
    if (name === undefined) continue;
    const attributes = new Map<string, string>();
    for (const [, key = "", double, single, bare] of text.matchAll(attributePattern)) {
      const attribute = key.toLowerCase();
      // The first of two wins, as browsers have it.
      if (!attributes.has(attribute)) attributes.set(attribute, decodeEntities(double ?? single ?? bare ?? ""));
    }
    yield { name: name.toLowerCase(), attributes };
  }
}

const namedEntities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return namedEntities[name.toLowerCase()] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
