import type { FileHandle } from "node:fs/promises";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { openShared } from "../threads/shared-bytes.ts";

/** An artifact in memory, which is as private. @param leave called when nobody reads it any more */
export function heldInMemory(
  ref: ArtifactRef,
  bytes: Buffer,
  path: string,
  digests: Artifact["digests"],
  leave = () => {},
): Artifact {
  const shared = { kind: "memory", bytes } as const;
  let isHeld = true;
  const close = async () => {
    if (isHeld) leave();
    isHeld = false;
  };
  return { ref, path, size: bytes.length, digests, bytes: openShared(shared), shared, close };
}

/** An artifact in a file that is private, or the user's own, read through the one handle that wrote or hashed it. */
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
