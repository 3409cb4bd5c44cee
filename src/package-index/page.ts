import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { IndexError, messageOf } from "../errors.ts";
import { shown } from "./shown.ts";
import type { TransportResponse } from "./transport.ts";

/** What one index, folder or page of links offers of one project. */
export interface ProjectPage {
  readonly files: readonly ArtifactRef[];
  /** Files that tspip cannot use, with the reason. */
  readonly skipped: readonly SkippedFile[];
  /** Warnings about the page as a whole. */
  readonly warnings: readonly string[];
}

export interface SkippedFile {
  readonly filename: string;
  readonly reason: string;
}

/** Sorts references from files that are of no use. */
export function pageOf(listed: readonly (ArtifactRef | SkippedFile)[], warnings: readonly string[] = []): ProjectPage {
  return {
    files: listed.filter((file): file is ArtifactRef => !("reason" in file)),
    skipped: listed.filter((file): file is SkippedFile => "reason" in file),
    warnings,
  };
}

/** The largest pages of PyPI have some 20 MiB. */
const maxPageBytes = 64 << 20;

const decoders: Readonly<Record<string, (bytes: Buffer, limits: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/**
 * The whole body, decompressed, no longer than `maxBytes` before and after.
 * @throws IndexError `too-large`, `index-answer-invalid`
 */
export async function readBody(response: TransportResponse, maxBytes = maxPageBytes): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(response, maxBytes);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const encoding = response.header("content-encoding")?.toLowerCase() ?? "identity";
  if (encoding === "identity") return bytes;
  const decode = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
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
