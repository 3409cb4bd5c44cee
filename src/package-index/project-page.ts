import type { ArtifactSource } from "../distribution/artifact.ts";
import { digestOf } from "../distribution/digest.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { IndexError } from "../errors.ts";
import { type Document, getDocument } from "./document.ts";
import type { ProjectPage, WantedFiles } from "./page.ts";
import { parseSimpleHtml } from "./simple-html.ts";
import { parseSimpleJson } from "./simple-json.ts";
import type { Transport } from "./transport.ts";
import { shown } from "./url.ts";

/** JSON first, as HTML is frozen (PEP 833). */
const acceptedPages = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";
/** The largest pages of PyPI have some 20 MiB. */
const maxPageBytes = 64 << 20;

/** The page of a project as an index has sent it. */
export interface UnreadPage {
  readonly index: URL;
  /** Of all that reading it goes by. */
  readonly sha256: string;
  /** @param areWanted the files to read; all when left out @throws IndexError */
  read(areWanted?: WantedFiles): ProjectPage;
}

/**
 * The page of a project, or nothing when the index does not know the project.
 * @throws IndexError
 */
export async function getProjectPage(
  index: URL,
  name: ProjectName,
  transport: Transport,
): Promise<UnreadPage | undefined> {
  // Normal form, and a slash at its end: anything else redirects.
  const url = new URL(`${name}/`, index.href.endsWith("/") ? index : `${index.href}/`);
  const answer = await getDocument(url, { accept: acceptedPages, maxBytes: maxPageBytes }, transport);
  if (answer.status === 404 || answer.status === 410) return undefined;
  const { status, url: place, contentType } = answer;
  return {
    index,
    get sha256() {
      return digestOf(Buffer.from(JSON.stringify([status, place, contentType, digestOf(answer.bytes)])));
    },
    read: (areWanted) => parsePage(answer, { kind: "index", url: index }, name, areWanted),
  };
}

/** A page of links, of any projects. @throws IndexError */
export async function readLinkPage(url: URL, transport: Transport): Promise<ProjectPage> {
  const answer = await getDocument(url, { accept: "text/html", maxBytes: maxPageBytes }, transport);
  return parsePage(answer, { kind: "find-links", url });
}

/** What the answer says it is decides, not what was asked for. */
function parsePage(
  { status, url, contentType = "text/html", bytes }: Document,
  source: ArtifactSource,
  name?: ProjectName,
  areWanted?: WantedFiles,
): ProjectPage {
  if (status !== 200) throw new IndexError("index-unreachable", `${shown(url)} answers with HTTP status ${status}`);
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  const body = bytes.toString("utf8");
  if (/^application\/(?:vnd\.pypi\.simple\.v1\+)?json$/.test(type) && name !== undefined)
    return parseSimpleJson(body, url, source, name, areWanted);
  if (type === "text/html" || type === "application/vnd.pypi.simple.v1+html")
    return parseSimpleHtml(body, url, source, name, areWanted);
  throw new IndexError("index-answer-invalid", `${shown(url)} answers with "${type}", which is no page of an index`);
}
