import { BaseFetcher } from "tuf-js";
import { DownloadHTTPError } from "tuf-js/dist/error.js";
import { TspipError } from "../errors.ts";
import type { Transport } from "../package-index/transport.ts";

/** tuf-js's way to our transport, with its limits, proxies and --offline. */
export class TransportFetcher extends BaseFetcher {
  private readonly transport: Transport;
  private readonly onUnreachable: (error: TspipError) => void;

  constructor(transport: Transport, onUnreachable: (error: TspipError) => void) {
    super();
    this.transport = transport;
    this.onUnreachable = onUnreachable;
  }

  override async fetch(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    try {
      const response = await this.transport.get(new URL(url));
      // A root of the next version that is not there is how TUF learns that it has the newest.
      if (response.status !== 200) throw new DownloadHTTPError(`HTTP status ${response.status}`, response.status);
      return ReadableStream.from(this.whole(response.body)) as ReadableStream<Uint8Array<ArrayBuffer>>;
    } catch (error) {
      throw this.noted(error);
    }
  }

  /** An answer that breaks off was not to be had either. */
  private async *whole(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.noted(error);
    }
  }

  private noted(error: unknown): unknown {
    if (error instanceof TspipError) this.onUnreachable(error);
    return error;
  }
}
