import type { ByteRange, FilePart } from "../distribution/byte-source.ts";
import { IndexError } from "../errors.ts";
import type { GetOptions } from "./exchange.ts";
import type { Transport } from "./transport.ts";
import { shown } from "./url.ts";

type PartOptions = Pick<GetOptions, "beforeHop"> & { readonly range: ByteRange };

/**
 * A part of a file, as the server gives it (RFC 9110, section 14.4); nothing where it gives no parts, only the whole.
 * @throws IndexError what `Transport.get` throws, `artifact-missing` and `index-answer-invalid`
 */
export function readRange(url: URL, options: PartOptions, transport: Transport): Promise<FilePart | undefined> {
  return transport.repeat(() => readOnce(url, options, transport));
}

async function readOnce(url: URL, options: PartOptions, transport: Transport): Promise<FilePart | undefined> {
  const { range } = options;
  const longest = "last" in range ? range.last : range.to - range.from + 1;
  const response = await transport.get(url, { ...options, totalMs: transport.documentMs });
  if (response.status !== 206) {
    // To leave the body frees its connection.
    for await (const _ of response.body) break;
    if (response.status === 200) return undefined;
    throw new IndexError("artifact-missing", `${shown(url)} answers with HTTP status ${response.status}`);
  }
  const { start, end, size } =
    contentRange(response.header("content-range")) ?? fail(url, "has no usable Content-Range");
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > longest) fail(url, "is longer than what was asked for");
    chunks.push(chunk);
  }
  if (length !== end - start + 1) fail(url, `has ${length} bytes, not ${end - start + 1}`);
  return { bytes: Buffer.concat(chunks), start, size };
}

function contentRange(text = "") {
  const { start, end, size } = /^bytes (?<start>\d+)-(?<end>\d+)\/(?<size>\d+)$/.exec(text)?.groups ?? {};
  const range = { start: Number(start), end: Number(end), size: Number(size) };
  return Number.isSafeInteger(range.size) && range.start <= range.end && range.end < range.size ? range : undefined;
}

function fail(url: URL, why: string): never {
  throw new IndexError("index-answer-invalid", `The part of ${shown(url)} that was asked for ${why}`);
}
