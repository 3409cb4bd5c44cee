import type { FileHandle } from "node:fs/promises";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { openShared } from "../threads/shared-bytes.ts";

/** An artifact in a private file, read through the one handle that wrote or hashed it. */
export function heldOpen(
  ref: ArtifactRef,
  file: Pick<FileHandle, "fd" | "close">,
  path: string,
  digests: Artifact["digests"],
  size: number,
): Artifact {
  const shared = { kind: "file", descriptor: file.fd, size } as const;
  return { ref, path, size, digests, bytes: openShared(shared), shared, close: () => file.close() };
}
