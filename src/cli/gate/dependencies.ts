import type { ArtifactRef } from "../../distribution/artifact.ts";
import type { ArtifactFilename } from "../../distribution/filename.ts";
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

/** What METADATA of an admitted wheel says that it needs; nothing of what is no wheel, or was judged by its digest. */
export type WishesOf = (judged: Judged) => Wishes | undefined;

interface Wishes extends Pick<CoreMetadata, "requiresPython" | "requiresDist" | "providesExtra"> {
  readonly filename: ArtifactFilename;
}

/** Each is read once. The rest of METADATA was looked at when the wheel was judged. */
export function readWishes(): WishesOf {
  const known = new Map<ArtifactRef, Wishes>();
  return ({ ref, artifact, verdict }) => {
    const { filename } = ref;
    if (artifact === undefined || filename.kind !== "wheel" || verdict.decision !== "allow") return undefined;
    const read = () => {
      const text = metadataText(readMetadata(artifact.bytes, filename));
      const { requiresPython, requiresDist, providesExtra } = parseMetadata(text);
      return { filename, requiresDist, providesExtra, ...(requiresPython && { requiresPython }) };
    };
    const wishes = known.get(ref) ?? read();
    known.set(ref, wishes);
    return wishes;
  };
}

/**
 * METADATA in the wheels decides, not what an index says of them.
 * @param wishes of what is planned, in its order
 * @throws UsageError `python-unsupported`
 */
export function checkDependencies(
  planned: readonly PlannedArtifact[],
  wishes: readonly (Wishes | undefined)[],
  there: readonly Installed[],
  target: PlanTarget,
): DependencyCheck {
  const arriving: Provided[] = [];
  const unknownExtras: UnknownExtra[] = [];
  for (const [at, wish] of wishes.entries()) {
    if (wish === undefined) continue;
    const { filename, requiresDist } = wish;
    checkPython(wish, target);
    const { name, version } = filename;
    const provided = { name, version, requiresDist, extras: planned[at]?.extras ?? [] };
    arriving.push(provided);
    unknownExtras.push(...unknownOf(provided, wish));
  }
  const names = new Set(arriving.map(({ name }) => name));
  const staying = there.filter(({ name }) => !names.has(name)).flatMap(providedBy);
  // What was in the environment before may be broken already; that is not this command's to refuse.
  const unmet = unmetDependencies([...arriving, ...staying], target.markers);
  return { unmet: unmet.filter(({ requirer }) => names.has(requirer.name)), unknownExtras };
}

/** Extras are compared in normal form (PEP 685); a name that cannot be one is unknown as it stands. */
function unknownOf(of: Provided, { providesExtra }: Wishes): UnknownExtra[] {
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

function checkPython({ filename, requiresPython }: Wishes, { pythonVersion }: PlanTarget): void {
  if (requiresPython === undefined || satisfies(requiresPython, pythonVersion)) return;
  throw new UsageError(
    "python-unsupported",
    `"${filename.text}" requires Python ${requiresPython.text}, this is ${pythonVersion.text}`,
  );
}

function providedBy({ metadata: { name, version, requiresDist } }: Installed): Provided[] {
  if (!isProjectName(name) || !isVersion(version)) return [];
  return [{ name: normalizeProjectName(name), version: parseVersion(version), requiresDist, extras: [] }];
}
