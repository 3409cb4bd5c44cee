import type { IncomingMessage, ServerResponse } from "node:http";
import type { Artifact } from "../distribution/artifact.ts";
import { pump } from "./pump.ts";
import { matchesEtag, send } from "./send.ts";

/** Bytes read and sent at once, so that memory does not grow with the file. */
const chunkBytes = 256 << 10;

/** Sends an admitted artifact, whole or one range of it (RFC 9110, 14). */
export async function sendArtifact(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, size, digests }: Artifact,
): Promise<void> {
  const etag = `"${digests.sha256}"`;
  if (matchesEtag(request.headers["if-none-match"], etag)) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const ifRange = request.headers["if-range"];
  const range = ifRange === undefined || ifRange === etag ? parseRange(request.headers.range, size) : undefined;
  if (range === "unsatisfiable") {
    response.setHeader("content-range", `bytes */${size}`);
    return send(request, response, { status: 416, text: "Range not satisfiable" });
  }
  const { start, end } = range ?? { start: 0, end: size };
  response.writeHead(range === undefined ? 200 : 206, {
    "content-type": "application/octet-stream",
    "content-length": end - start,
    "accept-ranges": "bytes",
    etag,
    ...(range !== undefined && { "content-range": `bytes ${start}-${end - 1}/${size}` }),
  });
  if (request.method === "HEAD") return void response.end();
  await pump(chunks(bytes, start, end), response, end - start);
}

function* chunks(bytes: Artifact["bytes"], start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end; at += chunkBytes) yield bytes.read(at, Math.min(chunkBytes, end - at));
}

/** One range as `[start, end)`; nothing where the header is absent, or asks for what we do not do: the whole is sent. */
export function parseRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  return start < end ? { start, end } : "unsatisfiable";
}
