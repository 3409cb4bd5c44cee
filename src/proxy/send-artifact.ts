import { readSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Artifact } from "../distribution/artifact.ts";
import { pump } from "./pump.ts";
import { matchesEtag, send } from "./send.ts";

/** Bytes read and sent at once, so that memory does not grow with the file. */
const chunkBytes = 512 << 10;

/** Sends an admitted artifact, whole or one range of it (RFC 9110, 14). */
export async function sendArtifact(
  request: IncomingMessage,
  response: ServerResponse,
  artifact: Artifact,
): Promise<void> {
  const { size, digests } = artifact;
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
  await pump(chunks(artifact, start, end), response, end - start);
}

/** Of a file, all in one buffer: a new one for each piece would cost more than to read it. */
function* chunks({ bytes, shared }: Artifact, start: number, end: number): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(shared.kind === "file" ? Math.min(chunkBytes, end - start) : 0);
  for (let at = start; at < end; at += chunkBytes) {
    const length = Math.min(chunkBytes, end - at);
    yield shared.kind === "file" ? readInto(buffer, shared.descriptor, at, length) : bytes.read(at, length);
  }
}

function readInto(buffer: Buffer, descriptor: number, position: number, length: number): Buffer {
  for (let done = 0; done < length; ) {
    const count = readSync(descriptor, buffer, done, length - done, position + done);
    if (count === 0) throw new Error("The file ends early");
    done += count;
  }
  return buffer.subarray(0, length);
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
