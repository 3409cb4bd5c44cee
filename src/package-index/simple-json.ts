import type { ArtifactSource, ProjectStatus, ProvenanceLink } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { isTable, type Table, tableIn } from "../encoding/table.ts";
import { IndexError, messageOf } from "../errors.ts";
import { checkApiVersion } from "./api-version.ts";
import { type ListedFile, toRef } from "./listed-file.ts";
import { type ProjectPage, pageOf, type SkippedFile, type WantedFiles } from "./page.ts";
import { withStatus } from "./project-status.ts";
import { readWanted } from "./read-wanted.ts";
import { shown } from "./url.ts";

/**
 * Parses a project page in JSON (PyPA: simple repository API, formerly PEP 691, 700, 714, 740).
 * @param url where the page came from, behind redirects: relative URLs start there
 * @param areWanted the files to read; all when left out
 * @throws IndexError `index-answer-invalid`, `index-version-unsupported`
 */
export function parseSimpleJson(
  body: string,
  url: URL,
  source: ArtifactSource,
  project: ProjectName,
  areWanted?: WantedFiles,
): ProjectPage {
  const page = parseObject(body, url);
  const meta = tableIn(page, "meta");
  const warnings = checkApiVersion(meta["api-version"], url);
  const files = page.files;
  if (!Array.isArray(files)) throw invalid(url, 'it has no "files"');
  const tables = files.map((file) => (isTable(file) ? file : {}));
  const unread = {
    count: files.length,
    filenames: () => tables.map(({ filename }) => (typeof filename === "string" ? filename : undefined)),
    isAttested: (at: number) => provenanceLink(tables[at] ?? {}, url) instanceof URL,
    read(at: number) {
      const file = readFile(tables[at] ?? {}, url);
      return "reason" in file ? file : toRef(file, source, project);
    },
  };
  const listed = readWanted(unread, areWanted);
  const status = projectStatus(page["project-status"], url);
  return withStatus(pageOf(listed, warnings), status, project, listed.length < files.length);
}

function readFile(file: Table, base: URL): ListedFile | SkippedFile {
  if (typeof file.filename !== "string") return { filename: "", reason: "it has no filename" };
  const { filename } = file;
  const url = typeof file.url === "string" ? URL.parse(file.url, base.href) : null;
  if (url === null) return { filename, reason: "its URL cannot be read" };
  const provenance = provenanceLink(file, base);
  if (provenance === undefined) return { filename, reason: "its provenance is neither a URL nor null" };
  const { size } = file;
  const yanked = yankedWhy(file.yanked);
  const requiresPython = file["requires-python"];
  const uploadTime = typeof file["upload-time"] === "string" ? new Date(file["upload-time"]) : undefined;
  // PEP 714: the newer name comes first.
  const metadata = file["core-metadata"] ?? file["dist-info-metadata"];
  return {
    filename,
    url,
    hashes: tableIn(file, "hashes"),
    provenance,
    ...(Number.isSafeInteger(size) && (size as number) >= 0 && { size: size as number }),
    ...(typeof requiresPython === "string" && requiresPython !== "" && { requiresPython }),
    ...(yanked !== undefined && { yanked }),
    ...(uploadTime !== undefined && !Number.isNaN(uploadTime.getTime()) && { uploadTime }),
    ...((metadata === true || isTable(metadata)) && { coreMetadata: isTable(metadata) ? metadata : {} }),
  };
}

/** PEP 740: the key is absent where the index knows nothing of provenance, and null where there is none. */
function provenanceLink(file: Table, base: URL): ProvenanceLink | undefined {
  if (!Object.hasOwn(file, "provenance")) return "unknown";
  if (file.provenance === null) return "none";
  const { provenance } = file;
  return (typeof provenance === "string" && provenance !== "" && URL.parse(provenance, base.href)) || undefined;
}

/**
 * PEP 691: a string is the reason, true is a yank without one. Whoever writes something else there hardly means a file that is as it
 * should be.
 */
function yankedWhy(yanked: unknown): string | undefined {
  if (yanked === undefined || yanked === null || yanked === false) return undefined;
  if (yanked === true) return "";
  return typeof yanked === "string" ? yanked : 'its "yanked" is neither a boolean nor a reason';
}

/**
 * PEP 792. Without a status a project is active; the status alone, in place of the object, is understood.
 * @throws IndexError `index-answer-invalid` for what may be any status
 */
function projectStatus(marked: unknown, url: URL): ProjectStatus | undefined {
  if (marked === undefined || marked === null) return undefined;
  const { status, reason } = typeof marked === "string" ? { status: marked } : isTable(marked) ? marked : { status: 0 };
  if (status === undefined) return undefined;
  if (typeof status !== "string") throw invalid(url, 'its "project-status" has no status that is a text');
  return { status, ...(typeof reason === "string" && { reason }) };
}

/** However deep the page nests: V8 parses without recursion, and only the members named above are looked at. */
function parseObject(body: string, url: URL): Table {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw invalid(url, messageOf(error));
  }
  if (!isTable(value)) throw invalid(url, "it is no object");
  return value;
}

function invalid(url: URL, why: string): IndexError {
  return new IndexError("index-answer-invalid", `The page ${shown(url)} cannot be read: ${why}`);
}
