import { createWriteStream, openAsBlob } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsV4Signer } from "aws4fetch";
import { Agent, fetch, type Response } from "undici";
import type { ArtifactStore } from "../memory/artifact-store.ts";

/** Where an S3-compatible store is, and by whose name it is used. */
export interface S3Place {
  /** `https://HOST[:PORT]`; the bucket is the first segment of the path, which every such store understands. */
  readonly endpoint: URL;
  readonly bucket: string;
  /** What the names of our objects begin with: empty, or ends in a slash. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** A single PUT takes no more (Amazon S3, quotas); larger files are fetched from their index each time. */
const maxPutBytes = 5 * 2 ** 30;
/** For one object, whole. */
const transferMs = 600_000;
/** How long to wait before each further try, when the store is busy (status 429 or 5xx). */
const pausesMs = [50, 200];

interface Ask {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  readonly headers?: Record<string, string>;
  readonly body?: Blob;
}

/** Artifacts in an S3-compatible store. Like those in a folder they are trusted for nothing, and a failure is a miss. */
export function openS3Artifacts(place: S3Place, warn: (message: string) => void): ArtifactStore {
  const { accessKeyId, secretAccessKey, sessionToken, region } = place;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const signing = { ...credentials, region, service: "s3" };
  const urlOf = (sha256: string) =>
    new URL(`/${place.bucket}/${place.prefix}${sha256.slice(0, 2)}/${sha256}`, place.endpoint).href;

  const dispatcher = new Agent();

  return {
    find: () => undefined,
    async take(sha256, path) {
      try {
        const response = await ask(sha256, { method: "GET" });
        if (response.status === 404) return await leave(response);
        if (response.status !== 200 || response.body === null) return await miss(response, "read");
        await pipeline(Readable.fromWeb(response.body), createWriteStream(path, { flags: "wx", mode: 0o600 }));
        return true;
      } catch (error) {
        await rm(path, { force: true });
        return told(error, "read");
      }
    },
    async discard(sha256) {
      try {
        const response = await ask(sha256, { method: "DELETE" });
        await (response.ok ? leave(response) : miss(response, "written"));
      } catch (error) {
        told(error, "written");
      }
    },
    async keep(sha256, path) {
      try {
        const { size } = await stat(path);
        const head = await ask(sha256, { method: "HEAD" });
        if (size > maxPutBytes || (head.ok && Number(head.headers.get("content-length")) === size)) return;
        // The body streams from the file; its digest is known, so it needs no pass of its own.
        const body = await openAsBlob(path);
        const response = await ask(sha256, { method: "PUT", body, headers: { "x-amz-content-sha256": sha256 } });
        await (response.ok ? leave(response) : miss(response, "written"));
      } catch (error) {
        told(error, "written");
      }
    },
  };

  /**
   * By the undici that comes with us, and an agent of it, as Node's own may have become everybody's: that of Node 24 ends the
   * whole process when a store closes its connection early.
   */
  async function ask(sha256: string, init: Ask, pauses = pausesMs): Promise<Response> {
    const { url, headers } = await new AwsV4Signer({ ...init, ...signing, url: urlOf(sha256) }).sign();
    const response = await fetch(url, {
      ...init,
      headers: [...headers],
      dispatcher,
      signal: AbortSignal.timeout(transferMs),
    });
    const [pause, ...rest] = pauses;
    if (pause === undefined || !isBusy(response.status)) return response;
    await leave(response);
    await sleep(pause);
    return ask(sha256, init, rest);
  }

  async function miss(response: Response, act: string): Promise<false> {
    warn(`The artifact store cannot be ${act}: it answers with status ${response.status}`);
    return leave(response);
  }

  /** What is not read holds its connection. */
  async function leave(response: Response): Promise<false> {
    await response.body?.cancel();
    return false;
  }

  function told(error: unknown, act: string): false {
    const { message, cause } = error as Error;
    warn(`The artifact store cannot be ${act}: ${cause instanceof Error ? cause.message : message}`);
    return false;
  }
}

const isBusy = (status: number) => status === 429 || status >= 500;
