import { IndexError } from "../errors.ts";
import type { TransportResponse } from "../package-index/exchange.ts";
import type { Transport } from "../package-index/transport.ts";
import { shown } from "../package-index/url.ts";

/** What servers answered, by URL; nothing for a document that is not there. */
export type Answers = ReadonlyMap<string, Buffer | undefined>;

/** A transport that writes down what is answered. */
export interface RecordingTransport {
  readonly transport: Transport;
  readonly answers: Map<string, Buffer | undefined>;
}

export function recordingTransport(inner: Transport): RecordingTransport {
  const answers = new Map<string, Buffer | undefined>();
  const transport: Transport = {
    ...inner,
    async get(url, options) {
      // Bytes are kept as they are, so nobody has to unpack them again.
      const response = await inner.get(url, { ...options, encoding: "identity" });
      if (response.status !== 200) {
        answers.set(url.href, undefined);
        return response;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      answers.set(url.href, bytes);
      return answer(200, url, bytes);
    },
  };
  return { transport, answers };
}

/** A transport that repeats answers and opens no connection; of what was not asked then, it knows nothing. */
export function replayingTransport(answers: Answers): Transport {
  return {
    async get(url) {
      if (!answers.has(url.href)) throw new IndexError("offline", `Nothing of ${shown(url)} is in the bundle`);
      const bytes = answers.get(url.href);
      return bytes === undefined ? answer(404, url, Buffer.of()) : answer(200, url, bytes);
    },
    post: (url) => Promise.reject(new IndexError("offline", `Nothing is sent to ${shown(url)}: a bundle is installed`)),
    repeat: (attempt) => attempt(),
    prepare() {},
    documentMs: Number.POSITIVE_INFINITY,
    [Symbol.asyncDispose]: async () => {},
  };
}

function answer(status: number, url: URL, bytes: Buffer): TransportResponse {
  return { status, url, header: () => undefined, body: onePiece(bytes) };
}

async function* onePiece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
