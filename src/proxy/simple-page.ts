import type { ArtifactRef } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";

/** A project page as it goes out. */
export interface SimplePage {
  readonly contentType: string;
  readonly body: string | Buffer;
  /** Where it is known without hashing the body. */
  readonly etag?: string;
}

const apiVersion = "1.3";
/** In the order in which equal wishes are met. */
const types = {
  "application/vnd.pypi.simple.v1+json": "json",
  "application/vnd.pypi.simple.v1+html": "html",
  "text/html": "html",
} as const;
export type PageType = keyof typeof types;
export const jsonType = "application/vnd.pypi.simple.v1+json" satisfies PageType;

/** The media type that `accept` likes best (RFC 9110, 12.5.1); nothing when it takes none of ours. */
export function negotiate(accept: string): PageType | undefined {
  const wishes = accept.split(",").map(parseWish);
  const quality = (type: PageType) => {
    const asked = type.replace("v1", "latest");
    const exact = wishes.find(({ range }) => range === type || range === asked);
    return (exact ?? wishes.find(({ range }) => range === "*/*" || range === `${type.split("/")[0]}/*`))?.quality ?? 0;
  };
  const ranked = (Object.keys(types) as PageType[]).map((type) => ({ type, quality: quality(type) }));
  const best = ranked.reduce((a, b) => (b.quality > a.quality ? b : a));
  return best.quality > 0 ? best.type : undefined;
}

function parseWish(text: string): { range: string; quality: number } {
  const [range = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  return { range, quality: q === undefined ? 1 : Number(q) || 0 };
}

/**
 * Renders a project page (PyPA: simple repository API). Hashes, yanks, upload times and links to provenance are the
 * upstream index's; only the files' URLs are ours. Metadata is promised of every wheel: where upstream serves none, it
 * is read out of the wheel.
 */
export function renderPage(name: ProjectName, files: readonly ArtifactRef[], type: PageType): SimplePage {
  const body = types[type] === "json" ? jsonPage(name, files) : htmlPage(name, files);
  return { contentType: type === "text/html" ? "text/html; charset=utf-8" : type, body };
}

/** Relative to the project's page. */
function fileUrl(name: ProjectName, { filename }: ArtifactRef): string {
  return `../../files/${name}/${encodeURIComponent(filename.text)}`;
}

function jsonPage(name: ProjectName, files: readonly ArtifactRef[]): string {
  const versions = [...new Set(files.map(({ filename }) => filename.version.text))];
  const head = JSON.stringify({ meta: { "api-version": apiVersion }, name, versions });
  // A line each, so that one can be found without reading all.
  return `${head.slice(0, -1)},"files":[\n${files.map((ref) => JSON.stringify(toJson(ref))).join(",\n")}]}`;

  function toJson(ref: ArtifactRef): object {
    const { filename, digests, size, requiresPython, yanked, uploadTime, provenance } = ref;
    return {
      filename: filename.text,
      url: fileUrl(name, ref),
      hashes: digests,
      size,
      "requires-python": requiresPython,
      // A yank without a reason is written as true: an empty string counts as no yank with some clients.
      yanked: yanked === "" ? true : (yanked ?? false),
      "upload-time": uploadTime?.toISOString(),
      "core-metadata": coreMetadata(ref),
      provenance: provenance instanceof URL ? provenance.href : provenance === "none" ? null : undefined,
    };
  }
}

function coreMetadata({ filename, coreMetadata }: ArtifactRef): object | boolean {
  if (filename.kind !== "wheel") return false;
  return coreMetadata?.sha256 === undefined ? true : { sha256: coreMetadata.sha256 };
}

function htmlPage(name: ProjectName, files: readonly ArtifactRef[]): string {
  const links = files.map((ref) => {
    const { filename, digests, requiresPython, yanked, provenance } = ref;
    const [algorithm, hex] = Object.entries(digests)[0] ?? [];
    const metadata = coreMetadata(ref);
    const attributes = {
      href: fileUrl(name, ref) + (algorithm === undefined ? "" : `#${algorithm}=${hex}`),
      "data-requires-python": requiresPython,
      "data-yanked": yanked,
      "data-core-metadata": metadata === false ? undefined : htmlMetadata(metadata),
      "data-provenance": provenance instanceof URL ? provenance.href : undefined,
    };
    const written = Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}="${escapeHtml(value)}"`],
    );
    return `<a ${written.join(" ")}>${escapeHtml(filename.text)}</a><br>`;
  });
  const head = `<meta name="pypi:repository-version" content="${apiVersion}"><title>Links for ${name}</title>`;
  return `<!DOCTYPE html>\n<html><head>${head}</head><body>\n${links.join("\n")}\n</body></html>\n`;
}

function htmlMetadata(metadata: object | boolean): string {
  return typeof metadata === "object" ? (Object.entries(metadata).map((pair) => pair.join("="))[0] ?? "true") : "true";
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
