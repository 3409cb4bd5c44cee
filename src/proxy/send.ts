import type { IncomingMessage, ServerResponse } from "node:http";
import { digestOf } from "../distribution/digest.ts";

/** A short answer in text: an error, or a refusal. */
export interface TextAnswer {
  readonly status: number;
  readonly text: string;
}

export function send(request: IncomingMessage, response: ServerResponse, { status, text }: TextAnswer): void {
  const body = `${text}\n`;
  response.writeHead(status, reasonPhrase(text), {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** pip and others print the reason phrase of a status, so the cause stands there as well (RFC 9112: visible ASCII). */
function reasonPhrase(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, " ")
    .slice(0, 300)
    .trim();
}

/** A whole document with its ETag (RFC 9110, 8.8.3): 304 for who has it already. */
export function sendDocument(
  request: IncomingMessage,
  response: ServerResponse,
  contentType: string,
  body: Uint8Array,
  sha256 = digestOf(body),
): void {
  const etag = `"${sha256}"`;
  if (matchesEtag(request.headers["if-none-match"], etag)) {
    response.writeHead(304, { etag }).end();
    return;
  }
  response.writeHead(200, { "content-type": contentType, "content-length": body.length, etag, vary: "accept" });
  response.end(request.method === "HEAD" ? undefined : body);
}

export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((candidate) => ["*", etag, `W/${etag}`].includes(candidate.trim()));
}
