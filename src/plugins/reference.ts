import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { contractVersion, type Reference } from "./contract.ts";

/** An artifact as inspectors from others see it; with the bytes here, size and digests are those that we computed. */
export function referenceOf(ref: ArtifactRef, artifact?: Pick<Artifact, "digests" | "size">): Reference {
  const { filename, source, requiresPython, yanked, uploadTime, provenance } = ref;
  const size = artifact?.size ?? ref.size;
  return {
    contract: contractVersion,
    url: bare(ref.url),
    filename: filename.text,
    kind: filename.kind,
    project: filename.name,
    version: filename.version.text,
    digests: artifact?.digests ?? ref.digests,
    source: source.kind === "direct" ? { kind: source.kind } : { kind: source.kind, url: bare(source.url) },
    provenance: provenance instanceof URL ? bare(provenance) : provenance,
    ...(size !== undefined && { size }),
    ...(requiresPython !== undefined && { requires_python: requiresPython }),
    ...(yanked !== undefined && { yanked }),
    ...(uploadTime !== undefined && { upload_time: uploadTime.toISOString() }),
  };
}

/** References hold no credentials; one that did all the same would not be the one to leave the process. */
function bare(url: URL): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  copy.hash = "";
  return copy.href;
}
