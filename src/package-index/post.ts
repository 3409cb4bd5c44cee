import { Readable } from "node:stream";
import { IndexError, TspipError } from "../errors.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { checkUrl } from "./redirects.ts";
import { reasonOf } from "./request.ts";
import type { TransportOptions } from "./transport-options.ts";
import { shown } from "./url.ts";

/** A document to send. */
export interface Submission {
  readonly contentType: string;
  /** Bytes. */
  readonly length: number;
  chunks(): Iterable<Uint8Array>;
}

export interface SubmissionAnswer {
  readonly status: number;
  readonly contentType: string;
  /** As text; cut off where it is long. */
  readonly body: string;
}

const maxAnswerBytes = 64 << 10;
const patienceMs = 120_000;

/** Sends a document once. It may have arrived when something fails, so that nothing is repeated and no redirect followed. */
export async function post(
  url: URL,
  submission: Submission,
  options: TransportOptions,
  connect: () => Promise<Dispatcher>,
): Promise<SubmissionAnswer> {
  checkUrl(url);
  if (!options.online) throw new IndexError("offline", `Cannot send to ${shown(url)}: --offline opens no connection`);
  const { contentType, length, chunks } = submission;
  const authorization = options.credentials?.get(url.origin);
  try {
    const dispatcher = await connect();
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: "POST",
      headers: {
        accept: "application/json, text/plain;q=0.9, text/html;q=0.5",
        "content-type": contentType,
        "content-length": String(length),
        "user-agent": options.userAgent,
        ...(authorization !== undefined && { authorization }),
      },
      body: Readable.from(chunks(), { objectMode: false }),
      // What is sent is worked on before the answer comes.
      headersTimeout: Math.max(options.timeoutMs, patienceMs),
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    return {
      status: response.statusCode,
      contentType: String(response.headers["content-type"] ?? ""),
      body: await beginningOf(response.body, options.timeoutMs),
    };
  } catch (error) {
    // What was to be sent may be what fails.
    if (options.signal?.aborted || error instanceof TspipError) throw error;
    throw new IndexError("index-unreachable", `Cannot send to ${shown(url)}: ${reasonOf(error)}`, {
      cause: error,
      hint: "Whether it arrived is not known: look at the index before you try again",
    });
  }
}

/** What comes in `ms`: the status has said how it went, and nobody waits for a server that talks on and on. */
async function beginningOf(body: Readable, ms: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  let isOver = false;
  const deadline = setTimeout(() => {
    isOver = true;
    body.destroy();
  }, ms);
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= maxAnswerBytes) break;
    }
  } catch (error) {
    if (!isOver) throw error;
  } finally {
    clearTimeout(deadline);
  }
  return Buffer.concat(chunks).toString("utf8", 0, maxAnswerBytes);
}
