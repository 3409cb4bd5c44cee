import type { IncomingMessage, ServerResponse } from "node:http";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { isProjectName, normalizeProjectName } from "../distribution/project-name.ts";
import type { Arriving } from "../package-index/arriving.ts";
import type { Catalog } from "./catalog.ts";
import type { FileAnswer, RefusedFile } from "./file-answer.ts";
import type { Listing } from "./listing.ts";
import { send, sendDocument, type TextAnswer } from "./send.ts";
import { isLong, mayStream, sendArriving } from "./send-arriving.ts";
import { sendArtifact } from "./send-artifact.ts";
import { negotiate } from "./simple-page.ts";

/** What a loopback index has to give. */
export interface IndexContent {
  readonly catalog: Catalog;
  /** METADATA of a wheel. @throws IndexError, ArtifactError */
  metadata(ref: ArtifactRef): Promise<Uint8Array | RefusedFile>;
  /** Passes a file through the gate. @throws IndexError when it cannot be judged */
  file(ref: ArtifactRef): Promise<FileAnswer>;
  /** The bytes of a file that passes it right now, as far as they are here. Without it, files are judged first. */
  arriving?(ref: ArtifactRef): Arriving | undefined;
  /** How long a client waits for the verdict before it gets the first bytes; 3 seconds when left out. */
  readonly patienceMs?: number;
}

/** Answers one request. `path` begins behind the token. */
export async function respond(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  content: IndexContent,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD")
    return send(request, response, { status: 405, text: "Only GET and HEAD" });
  const [, kind, project, filename, ...rest] = path.split("/").map(decoded);
  if (project === undefined || !isProjectName(project) || rest.length > 0) return notFound(request, response);
  const name = normalizeProjectName(project);
  if (kind === "simple" && (filename === undefined || name !== project) && !filename) {
    response.writeHead(301, { location: `${filename === undefined ? "" : "../"}${name}/`, "content-length": 0 }).end();
    return;
  }
  const listing = await content.catalog.listing(name);
  if (listing === undefined) return notFound(request, response);
  if (kind === "simple" && filename === "") {
    const type = negotiate(request.headers.accept ?? "*/*");
    if (type === undefined) return send(request, response, { status: 406, text: "JSON or HTML" });
    const { contentType, body, etag } = listing.page(type);
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    return sendDocument(request, response, contentType, bytes, etag);
  }
  if (kind === "files" && filename) return respondFile(filename, listing, request, response, content);
  notFound(request, response);
}

async function respondFile(
  filename: string,
  listing: Listing,
  request: IncomingMessage,
  response: ServerResponse,
  content: IndexContent,
): Promise<void> {
  const wheel = filename.endsWith(".metadata") ? filename.slice(0, -".metadata".length) : undefined;
  const ref = listing.offered(wheel ?? filename);
  if (ref === undefined) {
    const refused = listing.files().withheld.find(({ ref }) => ref.filename.text === filename);
    if (refused === undefined) return notFound(request, response);
    return send(request, response, textAnswer(refused.verdict));
  }
  if (wheel !== undefined) return respondMetadata(ref, request, response, content);
  const asked = content.file(ref);
  if (mayStream(request, ref) && !(await isSettledWithin(content.patienceMs ?? 3_000, asked))) {
    const arriving = content.arriving?.(ref);
    const isJudged = () => content.arriving?.(ref) === arriving;
    if (isLong(arriving) && (await sendArriving(response, { ref, arriving, answer: asked, isJudged }))) return;
  }
  const answer = await asked;
  if (!answer.isAdmitted) return send(request, response, textAnswer(answer));
  await sendArtifact(request, response, answer.artifact);
}

async function respondMetadata(
  ref: ArtifactRef,
  request: IncomingMessage,
  response: ServerResponse,
  content: IndexContent,
): Promise<void> {
  const answer = await content.metadata(ref);
  if (answer instanceof Uint8Array) return sendDocument(request, response, "application/octet-stream", answer);
  send(request, response, textAnswer(answer));
}

/** A verdict that comes soon is told in the status line, which is where installers show it. */
function isSettledWithin(milliseconds: number, asked: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, milliseconds, false);
    const settled = () => {
      clearTimeout(late);
      resolve(true);
    };
    asked.then(settled, settled);
  });
}

/**
 * A file that is not decided is 504: we have not had from others what the answer needs (RFC 9110, 15.6.5). pip asks five
 * times after 502 and 503, and does not tell the cause then.
 */
function textAnswer({ decision, findings }: Pick<RefusedFile, "decision" | "findings">): TextAnswer {
  const errors = findings.filter(({ severity }) => severity === "error");
  const cause = errors.map(({ id, message }) => `${id}: ${message}`).join("; ");
  return decision === "deny"
    ? { status: 403, text: `Refused by tspip: ${cause}` }
    : { status: 504, text: `Not decided by tspip: ${cause}` };
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  send(request, response, { status: 404, text: "Not found" });
}

/** A segment that is no UTF-8 is no name of ours. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return "%";
  }
}
