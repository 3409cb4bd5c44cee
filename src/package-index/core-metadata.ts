import type { ArtifactRef } from "../distribution/artifact.ts";
import { digestOf, secureAlgorithms } from "../distribution/digest.ts";
import { IndexError } from "../errors.ts";
import { getDocument } from "./document.ts";
import type { Transport } from "./transport.ts";
import { shown } from "./url.ts";

const maxMetadataBytes = 16 << 20;

/**
 * METADATA of a wheel as the index serves it beside the file (PyPA: simple repository API, formerly PEP 658, 714).
 * It is asked for also where the page does not promise it: mirrors often pass the files on and drop the attribute.
 * @throws IndexError `core-metadata-mismatch`, and what `getDocument` throws
 */
export async function readCoreMetadata(ref: ArtifactRef, transport: Transport): Promise<Buffer | undefined> {
  if (ref.url.protocol === "file:") return undefined;
  const url = new URL(ref.url);
  url.pathname += ".metadata";
  const { status, bytes } = await getDocument(url, { accept: "*/*", maxBytes: maxMetadataBytes }, transport);
  if (status !== 200) return undefined;
  for (const algorithm of secureAlgorithms) {
    const promised = ref.coreMetadata?.[algorithm];
    if (promised !== undefined && promised !== digestOf(bytes, algorithm))
      throw new IndexError("core-metadata-mismatch", `${shown(url)} has not the ${algorithm} that the index promised`);
  }
  return bytes;
}
