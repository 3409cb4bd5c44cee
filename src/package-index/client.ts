import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Artifact, ArtifactRef, ArtifactSource } from "../distribution/artifact.ts";
import { parseFilename } from "../distribution/filename.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { IndexError, messageOf } from "../errors.ts";
import { download } from "./download.ts";
import { toRef } from "./listed-file.ts";
import { type ProjectPage, pageOf, readBody } from "./page.ts";
import { shown } from "./shown.ts";
import { parseSimpleHtml } from "./simple-html.ts";
import { parseSimpleJson } from "./simple-json.ts";
import type { Transport } from "./transport.ts";

/** What tspip asks of package indexes: files of a project, provenance of a file, bytes of a file. */
export interface IndexClient {
  /**
   * What is offered of a project: every `--find-links` place, then the first index that knows the project. Versions
   * of several indexes are never merged: a name belongs to one index.
   * @throws IndexError when a place cannot be asked
   */
  files(name: ProjectName): Promise<readonly ProjectPage[]>;
  provenance(ref: ArtifactRef): Promise<ProvenanceAnswer>;
  /** @throws IndexError, ArtifactError */
  download(ref: ArtifactRef, directory: string, hooks?: DownloadHooks): Promise<Artifact>;
}

export interface DownloadHooks {
  /** Called before each redirect is followed; what it throws ends the download. */
  readonly beforeHop?: (url: URL) => Promise<void>;
}

/** The kinds of "not there" stay apart (PEP 740): see `AttestationAbsence`. */
export type ProvenanceAnswer =
  | { readonly state: "found"; readonly bytes: Buffer; readonly url: URL }
  | { readonly state: "none" | "unknown" | "refused" }
  | { readonly state: "unavailable"; readonly reason: string };

export interface IndexClientOptions {
  readonly transport: Transport;
  /** In the order in which they are asked. */
  readonly indexes: readonly URL[];
  /** Folders, HTML files and pages of links. */
  readonly findLinks: readonly URL[];
  readonly warn: (message: string) => void;
}

/** JSON first, as HTML is frozen (PEP 833). */
const acceptedPages = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";
const acceptedProvenance = "application/vnd.pypi.integrity.v1+json, application/json;q=0.5";
const maxProvenanceBytes = 16 << 20;

export function createIndexClient({ transport, indexes, findLinks, warn }: IndexClientOptions): IndexClient {
  const pages = new Map<ProjectName, Promise<readonly ProjectPage[]>>();
  const files = (name: ProjectName) => {
    const known = pages.get(name) ?? askAll(name);
    pages.set(name, known);
    return known;
  };
  return { files, provenance, download: (ref, directory, hooks) => download(ref, directory, transport, hooks) };

  async function askAll(name: ProjectName): Promise<readonly ProjectPage[]> {
    const linked = await Promise.all(findLinks.map((place) => readLinks(place, name, transport, warn)));
    const indexed = await firstIndexWith(name);
    const found = [...indexed, ...linked];
    for (const warning of found.flatMap(({ warnings }) => warnings)) warn(warning);
    return found;
  }

  async function firstIndexWith(name: ProjectName): Promise<ProjectPage[]> {
    for (const index of indexes) {
      const page = await readProjectPage(index, name, transport);
      if (page !== undefined) return [page];
    }
    return [];
  }

  async function provenance(ref: ArtifactRef): Promise<ProvenanceAnswer> {
    try {
      const link = ref.provenance === "unasked" ? await askForLink(ref) : ref.provenance;
      return link instanceof URL ? await readProvenance(link, transport) : { state: link };
    } catch (error) {
      if (!(error instanceof IndexError)) throw error;
      return { state: "unavailable", reason: error.message };
    }
  }

  /** The reference is from a lock file, which has no provenance links: the index it names is asked. */
  async function askForLink({ source, filename }: ArtifactRef): Promise<URL | "none" | "unknown"> {
    if (source.kind !== "index") return "unknown";
    const page = await readProjectPage(source.url, filename.name, transport);
    const link = page?.files.find((file) => file.filename.text === filename.text)?.provenance;
    return link === undefined || link === "unasked" ? "unknown" : link;
  }
}

async function readProvenance(url: URL, transport: Transport): Promise<ProvenanceAnswer> {
  const response = await transport.get(url, { accept: acceptedProvenance, encoding: "gzip, deflate, br" });
  switch (response.status) {
    case 200:
      return { state: "found", bytes: await readBody(response, maxProvenanceBytes), url };
    case 403:
      return { state: "refused" };
    case 404:
      return { state: "none" };
    default:
      return { state: "unavailable", reason: `${shown(url)} answers with HTTP status ${response.status}` };
  }
}

/** The page of a project, or nothing when the index does not know the project. */
async function readProjectPage(index: URL, name: ProjectName, transport: Transport): Promise<ProjectPage | undefined> {
  const source: ArtifactSource = { kind: "index", url: index };
  // Normal form, and a slash at its end: anything else redirects.
  const url = new URL(`${name}/`, index.href.endsWith("/") ? index : `${index.href}/`);
  const response = await transport.get(url, { accept: acceptedPages, encoding: "gzip, deflate, br" });
  if (response.status === 404 || response.status === 410) return undefined;
  if (response.status !== 200)
    throw new IndexError("index-unreachable", `${shown(url)} answers with HTTP status ${response.status}`);
  return parsePage(
    response.header("content-type"),
    (await readBody(response)).toString("utf8"),
    response.url,
    source,
    name,
  );
}

/** What the answer says it is decides, not what was asked for. */
function parsePage(
  contentType = "text/html",
  body: string,
  url: URL,
  source: ArtifactSource,
  name?: ProjectName,
): ProjectPage {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (/^application\/(?:vnd\.pypi\.simple\.v1\+)?json$/.test(type) && name !== undefined)
    return parseSimpleJson(body, url, source, name);
  if (type === "text/html" || type === "application/vnd.pypi.simple.v1+html")
    return parseSimpleHtml(body, url, source, name);
  throw new IndexError("index-answer-invalid", `${shown(url)} answers with "${type}", which is no page of an index`);
}

/** A `--find-links` place: only what it has of the project. */
async function readLinks(
  place: URL,
  name: ProjectName,
  transport: Transport,
  warn: (message: string) => void,
): Promise<ProjectPage> {
  const source: ArtifactSource = { kind: "find-links", url: place };
  const page =
    place.protocol === "file:"
      ? await readLocalLinks(place, source, warn)
      : await readRemoteLinks(place, source, transport);
  return { ...page, files: page.files.filter(({ filename }) => filename.name === name) };
}

async function readRemoteLinks(place: URL, source: ArtifactSource, transport: Transport): Promise<ProjectPage> {
  const response = await transport.get(place, { accept: "text/html", encoding: "gzip, deflate, br" });
  if (response.status !== 200)
    throw new IndexError("index-unreachable", `${shown(place)} answers with HTTP status ${response.status}`);
  return parsePage(response.header("content-type"), (await readBody(response)).toString("utf8"), response.url, source);
}

async function readLocalLinks(
  place: URL,
  source: ArtifactSource,
  warn: (message: string) => void,
): Promise<ProjectPage> {
  const path = fileURLToPath(place);
  try {
    if (!(await stat(path)).isDirectory()) return parseSimpleHtml(await readFile(path, "utf8"), place, source);
    const names = (await readdir(path)).filter((file) => /\.(?:whl|zip|tar\.gz)$/.test(file)).sort();
    return pageOf(names.map((file) => toRef(localFile(join(path, file)), source, undefined)));
  } catch (error) {
    // As pip has it: a place that is not there is said, and the others are asked.
    warn(`Cannot look in --find-links "${path}": ${messageOf(error)}`);
    return pageOf([]);
  }
}

function localFile(path: string) {
  return { filename: basename(path), url: pathToFileURL(path), hashes: {}, provenance: "unknown" } as const;
}

/** A reference for an artifact that the user named by path. @throws ArtifactError `invalid-filename` */
export function localRef(path: string): ArtifactRef {
  return {
    filename: parseFilename(basename(path)),
    url: pathToFileURL(path),
    digests: {},
    source: { kind: "direct" },
    provenance: "unknown",
  };
}
