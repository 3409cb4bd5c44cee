import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { IndexError, messageOf } from "../errors.ts";
import type { TransportResponse } from "./exchange.ts";
import type { Transport } from "./transport.ts";
import { shown } from "./url.ts";

/** A whole answer in memory: a page or a provenance object. */
export interface Document {
  readonly status: number;
  /** Where the answer came from, behind all redirects. */
  readonly url: URL;
  readonly contentType: string | undefined;
  /** Decompressed; empty unless the status is 200. */
  readonly bytes: Buffer;
}

export interface DocumentOptions {
  readonly accept: string;
  /** Before and after decompressing. */
  readonly maxBytes: number;
}

/**
 * Gets a document, compressed or not. Undici's decompression has no limit on what comes out, so it is done here.
 * @throws IndexError what `Transport.get` throws, and `answer-broken`, `too-large`, `index-answer-invalid`
 */
export function getDocument(url: URL, { accept, maxBytes }: DocumentOptions, transport: Transport): Promise<Document> {
  return transport.repeat(async () => {
    const response = await transport.get(url, { accept, encoding: "gzip, deflate, br", totalMs: transport.documentMs });
    const bytes = decompress(await readBody(response, maxBytes), response, maxBytes);
    return { status: response.status, url: response.url, contentType: response.header("content-type"), bytes };
  });
}

async function readBody(response: TransportResponse, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(response, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

type Decoder = (bytes: Buffer, limits: { maxOutputLength: number }) => Buffer;
// Named when they are called: where nothing is asked, zlib need not be loaded.
const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", (bytes, limits) => gunzipSync(bytes, limits)],
  ["x-gzip", (bytes, limits) => gunzipSync(bytes, limits)],
  ["deflate", (bytes, limits) => inflateSync(bytes, limits)],
  ["br", (bytes, limits) => brotliDecompressSync(bytes, limits)],
]);

function decompress(bytes: Buffer, response: TransportResponse, maxBytes: number): Buffer {
  const encoding = response.header("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || bytes.length === 0) return bytes;
  const decode = decoders.get(encoding);
  if (decode === undefined)
    throw new IndexError(
      "index-answer-invalid",
      `${shown(response.url)} answers in the unknown encoding "${encoding}"`,
    );
  try {
    return decode(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(response, maxBytes);
    throw new IndexError(
      "index-answer-invalid",
      `The answer of ${shown(response.url)} cannot be decompressed: ${messageOf(error)}`,
    );
  }
}

function tooLarge({ url }: TransportResponse, maxBytes: number): IndexError {
  return new IndexError("too-large", `The answer of ${shown(url)} is longer than ${maxBytes} bytes`);
}
