import { inNormalForm, isProjectName, normalizeProjectName } from "../../distribution/project-name.ts";
import { satisfies } from "../../distribution/specifier.ts";
import { isVersion, parseVersion } from "../../distribution/version.ts";
import type { Installed } from "../../environment/installed.ts";
import { UsageError } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { type Provided, type UnmetDependency, unmetDependencies } from "../../plan/dependencies.ts";
import type { PlannedArtifact } from "../../plan/planned-artifact.ts";
import type { PlanTarget } from "../../plan/select.ts";
import { type CoreMetadata, parseMetadata } from "../../wheel/metadata.ts";
import { metadataText, readMetadata } from "../../wheel/metadata-member.ts";

/** What METADATA of the admitted wheels says of the plan. */
export interface DependencyCheck {
  /** What they need and neither they nor the environment have, in a version that fits. */
  readonly unmet: readonly UnmetDependency[];
  /** Extras that were asked for and that no wheel has. */
  readonly unknownExtras: readonly UnknownExtra[];
}

export interface UnknownExtra {
  readonly of: Provided;
  readonly extra: string;
}

/**
 * METADATA in the wheels decides, not what an index says of them.
 * @throws UsageError `python-unsupported`
 */
export async function checkDependencies(
  planned: readonly PlannedArtifact[],
  judged: readonly Judged[],
  there: readonly Installed[],
  target: PlanTarget,
): Promise<DependencyCheck> {
  const arriving: Provided[] = [];
  const unknownExtras: UnknownExtra[] = [];
  for (const [at, { ref, artifact }] of judged.entries()) {
    if (artifact === undefined || ref.filename.kind !== "wheel") continue;
    // The rest of it was looked at when it was judged.
    const metadata = parseMetadata(metadataText(readMetadata(artifact.bytes, ref.filename)));
    checkPython(ref.filename.text, metadata, target);
    const { name, version } = ref.filename;
    const provided = { name, version, requiresDist: metadata.requiresDist, extras: planned[at]?.extras ?? [] };
    arriving.push(provided);
    unknownExtras.push(...unknownOf(provided, metadata));
  }
  const names = new Set(arriving.map(({ name }) => name));
  const staying = there.filter(({ name }) => !names.has(name)).flatMap(providedBy);
  // What was in the environment before may be broken already; that is not this command's to refuse.
  const unmet = unmetDependencies([...arriving, ...staying], target.markers);
  return { unmet: unmet.filter(({ requirer }) => names.has(requirer.name)), unknownExtras };
}

/** Extras are compared in normal form (PEP 685); a name that cannot be one is unknown as it stands. */
function unknownOf(of: Provided, { providesExtra }: CoreMetadata): UnknownExtra[] {
  const known = new Set(providesExtra.map(inNormalForm));
  return of.extras.filter((extra) => !known.has(inNormalForm(extra))).map((extra) => ({ of, extra }));
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
