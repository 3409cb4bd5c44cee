import { type FileHandle, open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ArtifactRef } from "../distribution/artifact.ts";
import type { Arriving } from "../package-index/arriving.ts";
import type { FileAnswer } from "./file-answer.ts";
import { pump } from "./pump.ts";

/** A file that is still being judged. */
export interface OpenQuestion {
  readonly ref: ArtifactRef;
  readonly arriving: Arriving & { readonly size: number };
  readonly answer: Promise<FileAnswer>;
  /** Whether `arriving` is what is judged: it is not when the download began anew. */
  isJudged(): boolean;
}

const chunkBytes = 256 << 10;

/** Bytes of what has arrived that are sent one by one, so that the client hears of us while nothing else happens. */
const reserveBytes = 1024;
/** Installers give up after 15 seconds without a byte. */
const silenceMs = 5_000;

/** Installers that hold what they got to the index's digest: a whole file that we did not mean is no file to them. */
const checksDigests = /^(?:pip|uv)\//;

/** Whether the client may get bytes before the verdict. */
export function mayStream({ method, headers }: IncomingMessage, { digests }: ArtifactRef): boolean {
  const isWhole = method === "GET" && headers.range === undefined && headers["if-none-match"] === undefined;
  return isWhole && digests.sha256 !== undefined && checksDigests.test(headers["user-agent"] ?? "");
}

/** Whether it is known how much will arrive; a file of few bytes is not worth it. */
export function isLong(arriving: Arriving | undefined): arriving is OpenQuestion["arriving"] {
  return arriving?.size !== undefined && arriving.size > reserveBytes;
}

/**
 * Sends a file while it arrives. The last byte is held back until the file is admitted; else the connection breaks off,
 * and whoever asks again is told why. What is sent is read from the very file that is judged.
 * @returns whether it could begin: a download that failed has left no file
 */
export async function sendArriving(response: ServerResponse, question: OpenQuestion): Promise<boolean> {
  const { ref, arriving } = question;
  await using file = await open(arriving.path).catch(() => undefined);
  if (file === undefined) return false;
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": arriving.size,
    "accept-ranges": "bytes",
    etag: `"${ref.digests.sha256}"`,
  });
  await pump(heldBack(file, question), response, arriving.size);
  return true;
}

async function* heldBack(file: FileHandle, { arriving, answer, isJudged }: OpenQuestion): AsyncGenerator<Buffer> {
  const { size } = arriving;
  const last = size - 1;
  let judged: FileAnswer | "not judged" | undefined;
  const settle = (given: FileAnswer | "not judged") => {
    judged = given;
  };
  const settled = answer.then(settle, () => settle("not judged"));
  let at = 0;
  while (judged === undefined) {
    const free = Math.min(arriving.length - reserveBytes, last) - at;
    const length = free > 0 ? Math.min(free, chunkBytes) : await oneAfterSilence(at);
    if (length > 0) yield await read(file, at, length);
    at += length;
  }
  if (judged === "not judged" || !judged.isAdmitted || !isJudged() || judged.artifact.size !== size)
    throw new Error("Not admitted");
  for (; at < size; at += chunkBytes) yield await read(file, at, Math.min(chunkBytes, size - at));

  async function oneAfterSilence(at: number): Promise<0 | 1> {
    const silence = new AbortController();
    const isSilent = sleep(silenceMs, true, { signal: silence.signal }).catch(() => false);
    const happens = await Promise.race([settled, arriving.more(), isSilent]).finally(() => silence.abort());
    return happens === true && at < Math.min(arriving.length, last) ? 1 : 0;
  }
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
  if (bytesRead < length) throw new Error("The file ends early");
  return buffer;
}
