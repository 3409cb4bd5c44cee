import type { ProjectName } from "../distribution/project-name.ts";
import type { Environment } from "../environment/environment.ts";
import type { DirectUrl } from "../environment/installed.ts";
import type { UnpackedWheel } from "../unpack/unpack-wheel.ts";
import type { Receipt } from "../verdict/receipt.ts";
import type { AdmittedArtifact } from "../verdict/verdict.ts";
import { type ChangeOptions, changeEnvironment } from "./change.ts";

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

/**
 * Installs all items in one transaction; other versions of the same projects leave in the same step. When anything
 * fails, the environment is as it was.
 * @throws EnvironmentError, ArtifactError
 */
export function install(
  items: readonly InstallItem[],
  environment: Environment,
  options: ChangeOptions,
): Promise<void> {
  const arriving = new Set<ProjectName>(items.map(({ artifact }) => artifact.ref.filename.name));
  return changeEnvironment(environment, { items, leaves: arriving }, options);
}
