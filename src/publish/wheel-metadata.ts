import type { ByteSource } from "../distribution/byte-source.ts";
import type { WheelFilename } from "../distribution/filename.ts";
import { ArtifactError } from "../errors.ts";
import { findDistInfo } from "../wheel/dist-info.ts";
import { openArchive } from "../wheel/open-archive.ts";

/** METADATA of a wheel, as it stands there. @throws ArtifactError */
export function wheelMetadata(bytes: ByteSource, filename: WheelFilename): string {
  const archive = openArchive(bytes);
  const path = `${findDistInfo(archive, filename)}/METADATA`;
  const entry = archive.entry(path);
  if (entry === undefined) throw new ArtifactError("wheel-metadata-invalid", `"${filename.text}" has no ${path}`);
  return archive.read(entry).toString("utf8");
}
