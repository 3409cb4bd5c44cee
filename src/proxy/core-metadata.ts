import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { ArtifactError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { DownloadHooks, PrivateFolder } from "../package-index/download.ts";

/**
 * METADATA of a wheel for whoever resolves: what the index has to say where it does, else out of the wheel. It only
 * helps to choose; what is installed is judged by the METADATA in the wheel.
 * @param hooks for the file, where it is asked for
 * @throws IndexError, ArtifactError
 */
export async function coreMetadataOf(
  ref: ArtifactRef,
  client: Pick<IndexClient, "coreMetadata" | "download">,
  privateFolder: PrivateFolder,
  hooks?: DownloadHooks,
): Promise<Buffer> {
  if (ref.filename.kind !== "wheel")
    throw new ArtifactError("no-core-metadata", `"${ref.filename.text}" is no wheel: its metadata is not fixed`);
  const served = await client.coreMetadata(ref, hooks);
  if (served !== undefined) return served;
  const artifact = await client.download(ref, privateFolder, hooks);
  try {
    return await metadataIn(artifact);
  } finally {
    await artifact.close();
  }
}

/** METADATA of a wheel that is here. @throws ArtifactError */
export async function metadataIn({ ref: { filename }, bytes }: Pick<Artifact, "ref" | "bytes">): Promise<Buffer> {
  if (filename.kind !== "wheel") throw new ArtifactError("no-core-metadata", `"${filename.text}" is no wheel`);
  // What opens archives takes its time to load, and METADATA is mostly served by the index, or remembered.
  const { readMetadata } = await import("../wheel/metadata-member.ts");
  return readMetadata(bytes, filename);
}
