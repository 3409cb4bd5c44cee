import type { IncomingMessage, ServerResponse } from "node:http";
import { ArtifactError, IndexError, messageOf, TspipError } from "../errors.ts";
import { type IndexContent, respond } from "./respond.ts";
import { send } from "./send.ts";

/** Answers one request for what lies below `prefix`. Never rejects: what cannot be had is an answer as well. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  prefix: string,
  content: IndexContent,
): Promise<void> {
  // A client that goes away is no error of ours.
  response.on("error", () => {});
  try {
    const pathname = pathOf(request);
    if (!pathname?.startsWith(`${prefix}/`)) return send(request, response, { status: 404, text: "Not found" });
    await respond(pathname.slice(prefix.length), request, response, content);
  } catch (error) {
    sendError(request, response, error);
  }
}

/** The path that is asked for, without what could lead out of the tree; nothing when the target is no URL. */
export function pathOf(request: IncomingMessage): string | undefined {
  return URL.parse(request.url ?? "/", "http://127.0.0.1")?.pathname;
}

/** What could not be had is no answer about the file: the client may ask again. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  send(request, response, { status: statusOf(error), text: messageOf(error) });
}

function statusOf(error: unknown): number {
  if (error instanceof IndexError || error instanceof ArtifactError) return 502;
  // What is ours to mend: the disk, the database, a policy that cannot be read.
  return error instanceof TspipError ? 503 : 500;
}
