import type { ByteSource } from "../distribution/byte-source.ts";
import { IndexError } from "../errors.ts";
import type { Transport } from "../package-index/transport.ts";
import { shown } from "../package-index/url.ts";
import { multipart } from "./multipart.ts";
import { serverWords } from "./server-words.ts";
import { type UploadDescription, uploadForm } from "./upload-form.ts";

/** `exists`: the index has a file of that name already, as it says. */
export type UploadOutcome = "uploaded" | "exists";

/**
 * Uploads one file, once: what broke off may have arrived, so nothing is sent a second time.
 * @throws IndexError `upload-refused` with the server's own words, or because the server cannot be reached
 */
export async function upload(
  description: UploadDescription,
  bytes: ByteSource,
  repository: URL,
  transport: Transport,
): Promise<UploadOutcome> {
  const { text } = description.filename;
  const { contentType, length, chunks } = multipart(uploadForm(description), text, bytes);
  const answer = await transport.post(repository, { contentType, length, chunks });
  if (answer.status >= 200 && answer.status < 300) return "uploaded";
  const words = serverWords(answer);
  if (isThere(answer.status, words)) return "exists";
  throw new IndexError(
    "upload-refused",
    `${shown(repository)} did not take "${text}": HTTP status ${answer.status}${words === "" ? "" : `: ${words}`}`,
    hintFor(answer.status),
  );
}

/** pypiserver says 409; Warehouse and others 400 or 403 with words. */
function isThere(status: number, words: string): boolean {
  return status === 409 || ((status === 400 || status === 403) && /already exists|already been taken/i.test(words));
}

function hintFor(status: number): { readonly hint?: string } {
  if (status === 401 || status === 403)
    return { hint: "Check the token: it may have expired, or be for another project or another index" };
  if (status >= 300 && status < 400) return { hint: "Give the address that the server leads to with --repository-url" };
  return {};
}
