import { isProjectName, normalizeProjectName } from "../distribution/project-name.ts";
import { satisfies } from "../distribution/specifier.ts";
import { isVersion, parseVersion } from "../distribution/version.ts";
import type { Installed } from "../environment/installed.ts";
import { UsageError } from "../errors.ts";
import type { Judged } from "../inspect/gate.ts";
import { type Provided, type UnmetDependency, unmetDependencies } from "../plan/dependencies.ts";
import type { PlannedArtifact, PlanTarget } from "../plan/plan.ts";
import { openArchive } from "../wheel/archive.ts";
import { readDistInfo } from "../wheel/dist-info.ts";
import type { CoreMetadata } from "../wheel/metadata.ts";

/**
 * What the admitted wheels need and neither they nor the environment have, in a version that fits; METADATA in the
 * wheels decides, not what an index says of them.
 * @throws UsageError `python-unsupported`
 */
export async function missingDependencies(
  planned: readonly PlannedArtifact[],
  judged: readonly Judged[],
  there: readonly Installed[],
  target: PlanTarget,
): Promise<readonly UnmetDependency[]> {
  const arriving: Provided[] = [];
  for (const [at, { ref, artifact }] of judged.entries()) {
    if (artifact === undefined || ref.filename.kind !== "wheel") continue;
    const { metadata } = readDistInfo(await openArchive(artifact.bytes), ref.filename);
    checkPython(ref.filename.text, metadata, target);
    arriving.push({
      name: ref.filename.name,
      version: ref.filename.version,
      requiresDist: metadata.requiresDist,
      extras: planned[at]?.extras ?? [],
    });
  }
  const names = new Set(arriving.map(({ name }) => name));
  const staying = there.filter(({ name }) => !names.has(name)).flatMap(providedBy);
  // What was in the environment before may be broken already; that is not this command's to refuse.
  return unmetDependencies([...arriving, ...staying], target.markers).filter(({ requirer }) =>
    names.has(requirer.name),
  );
}

/** @param cause why no engine could add them, if one was asked */
export function dependenciesMissing(unmet: readonly UnmetDependency[], cause?: UsageError): UsageError {
  const lines = unmet.map(({ requirer, requirement, found }) => {
    const has = found === undefined ? "is not in the input" : `is not met by ${found.text}`;
    return `"${requirement.text}" ${has}: "${requirer.name}" ${requirer.version.text} needs it`;
  });
  const why = cause === undefined ? "" : `\n${cause.message}`;
  return new UsageError("dependency-missing", `Dependencies are missing\n  ${lines.join("\n  ")}${why}`, {
    hint: cause?.hint ?? "Pin them in the input as well; --no-deps installs without them",
    cause,
  });
}

function checkPython(filename: string, { requiresPython }: CoreMetadata, { pythonVersion }: PlanTarget): void {
  if (requiresPython === undefined || satisfies(requiresPython, pythonVersion)) return;
  throw new UsageError(
    "python-unsupported",
    `"${filename}" requires Python ${requiresPython.text}, this is ${pythonVersion.text}`,
  );
}

function providedBy({ metadata: { name, version, requiresDist } }: Installed): Provided[] {
  if (!isProjectName(name) || !isVersion(version)) return [];
  return [{ name: normalizeProjectName(name), version: parseVersion(version), requiresDist, extras: [] }];
}
