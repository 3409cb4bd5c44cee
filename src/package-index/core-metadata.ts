import type { ArtifactRef } from "../distribution/artifact.ts";
import type { ByteRange } from "../distribution/byte-source.ts";
import { digestOf, secureAlgorithms } from "../distribution/digest.ts";
import { ArtifactError, IndexError } from "../errors.ts";
import { getDocument } from "./document.ts";
import type { GetOptions } from "./exchange.ts";
import { readRange } from "./read-range.ts";
import type { Transport } from "./transport.ts";
import { shown } from "./url.ts";

const maxMetadataBytes = 16 << 20;

/** Servers that turned out to give no parts of files, by origin. */
export type WithoutParts = Set<string>;

/**
 * METADATA of a wheel: as the index serves it beside the file (PyPA: simple repository API, formerly PEP 658, 714), or as it
 * stands in the file, of which only that part is read; nothing where neither can be had.
 * Where the page does not promise it beside the file, it is asked for there last: it is mostly not there, but mirrors often
 * pass the files on and drop the attribute.
 * @param hooks for the file itself
 * @throws IndexError `core-metadata-mismatch`, and what `getDocument` and the hooks throw
 */
export async function readCoreMetadata(
  ref: ArtifactRef,
  transport: Transport,
  withoutParts: WithoutParts,
  hooks: Pick<GetOptions, "beforeHop"> = {},
): Promise<Buffer | undefined> {
  if (ref.url.protocol === "file:") return undefined;
  const beside = () => readBesideFile(ref, transport);
  const inFile = () => readInFile(ref, transport, withoutParts, hooks);
  return ref.coreMetadata === undefined ? ((await inFile()) ?? beside()) : ((await beside()) ?? inFile());
}

async function readBesideFile(ref: ArtifactRef, transport: Transport): Promise<Buffer | undefined> {
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

/** What stands in the way of reading a part may not stand in that of the whole; if it does, whoever reads that tells it. */
const ofParts: ReadonlySet<string> = new Set([
  "answer-broken",
  "artifact-missing",
  "index-answer-invalid",
  "index-unreachable",
  "too-slow",
]);

async function readInFile(
  { url, filename }: ArtifactRef,
  transport: Transport,
  withoutParts: WithoutParts,
  hooks: Pick<GetOptions, "beforeHop">,
): Promise<Buffer | undefined> {
  if (filename.kind !== "wheel" || withoutParts.has(url.origin)) return undefined;
  const { readRemoteMember } = await import("../wheel/remote-member.ts");
  const { metadataMember } = await import("../wheel/metadata-member.ts");
  const readPart = (range: ByteRange) => readRange(url, { range, ...hooks }, transport);
  try {
    const bytes = await readRemoteMember(metadataMember(filename), readPart);
    if (bytes === undefined) withoutParts.add(url.origin);
    return bytes;
  } catch (error) {
    if (error instanceof ArtifactError) return undefined;
    if (error instanceof IndexError && ofParts.has(error.code)) return undefined;
    throw error;
  }
}
