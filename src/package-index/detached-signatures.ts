import type { ArtifactRef } from "../distribution/artifact.ts";
import { IndexError } from "../errors.ts";
import { getDocument } from "./document.ts";
import type { ProvenanceAnswer } from "./provenance-answer.ts";
import type { Transport } from "./transport.ts";
import { shown } from "./url.ts";

const maxSignatureBytes = 1 << 20;

/** What lies at the URL of a file and `.jws`. No standard promises it: 404 and 410 say that there is none. */
export async function readDetachedSignatures(ref: ArtifactRef, transport: Transport): Promise<ProvenanceAnswer> {
  const url = new URL(ref.url);
  url.pathname += ".jws";
  try {
    const { status, bytes } = await getDocument(url, { accept: "*/*", maxBytes: maxSignatureBytes }, transport);
    if (status === 200) return { state: "found", bytes, url };
    if (status === 404 || status === 410) return { state: "none" };
    return { state: "unavailable", reason: `${shown(url)} answers with HTTP status ${status}` };
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    return { state: "unavailable", reason: error.message };
  }
}
