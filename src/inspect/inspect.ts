import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { messageOf } from "../errors.ts";
import type { Evidence } from "../verdict/evidence.ts";
import type { DistInspector } from "./inspector.ts";

/** Asks every inspector before a file is fetched. All are asked, so that the report names every reason. */
export function inspectBeforeDownload(ref: ArtifactRef, inspectors: readonly DistInspector[]): Promise<Evidence[]> {
  return ask(inspectors, (inspector) => inspector.pre_download?.(ref));
}

/** Asks every inspector about bytes that we hold. What they saw of a file that was changed meanwhile is not what was hashed. */
export async function inspectBeforeExtract(
  artifact: Artifact,
  inspectors: readonly DistInspector[],
): Promise<Evidence[]> {
  const evidence = await ask(inspectors, (inspector) => inspector.pre_extract?.(artifact));
  if (artifact.isUnchanged?.() !== false) return evidence;
  const problem = { id: "artifact-changed", message: `"${artifact.path}" was changed while it was read` } as const;
  return [{ kind: "inspector", inspector: "local-file", outcome: "invalid", problems: [problem] }];
}

/** Asks the inspectors that can say something of a digest alone. */
export function inspectByDigest(
  ref: ArtifactRef,
  sha256: string,
  inspectors: readonly DistInspector[],
): Promise<Evidence[]> {
  return ask(inspectors, (inspector) => inspector.by_digest?.(ref, sha256));
}

async function ask(
  inspectors: readonly DistInspector[],
  hook: (inspector: DistInspector) => Promise<readonly Evidence[]> | undefined,
): Promise<Evidence[]> {
  const answers = inspectors.map(async (inspector): Promise<readonly Evidence[]> => {
    try {
      return (await hook(inspector)) ?? [];
    } catch (error) {
      // The gate fails closed: an inspector that could not look has not seen that all is well.
      return [{ kind: "inspector", inspector: inspector.name, outcome: "unavailable", reason: messageOf(error) }];
    }
  });
  return (await Promise.all(answers)).flat();
}
