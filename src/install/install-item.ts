import type { DirectUrl } from "../environment/installed.ts";
import type { UnpackedWheel } from "../unpack/unpack-wheel.ts";
import type { Receipt } from "../verdict/receipt.ts";
import type { AdmittedArtifact } from "../verdict/verdict.ts";

/** One wheel to install. Only the gate makes the `AdmittedArtifact`. */
export interface InstallItem {
  readonly artifact: AdmittedArtifact;
  /** This artifact, unpacked on the file system of the environment. Installing takes the folder away. */
  readonly unpacked: UnpackedWheel;
  /** Whether the user named it: then REQUESTED is written. */
  readonly requested: boolean;
  /** For direct references only (PEP 610). */
  readonly directUrl?: DirectUrl;
  readonly receipt: Receipt;
}
