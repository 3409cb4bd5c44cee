import type { ArtifactRef } from "../distribution/artifact.ts";
import { evaluateMarker } from "../distribution/marker.ts";
import { satisfies } from "../distribution/specifier.ts";
import { UsageError } from "../errors.ts";
import type { LockedPackage, LockFile } from "./lock-file.ts";
import type { PlannedArtifact, PlanTarget } from "./plan.ts";
import { selectArtifact } from "./select.ts";

/** PEP 751, "Installation": the packages of the lock whose marker holds, each from the file that fits best. */
export function planLock(
  { requiresPython, environments, packages }: LockFile,
  place: string,
  target: PlanTarget,
): PlannedArtifact[] {
  if (requiresPython !== undefined && !satisfies(requiresPython, target.pythonVersion)) {
    throw new UsageError(
      "lock-not-for-python",
      `${place}: the lock file requires Python ${requiresPython.text}, this is ${target.pythonVersion.text}`,
    );
  }
  if (environments.length > 0 && !environments.some((marker) => evaluateMarker(marker, target.markers))) {
    throw new UsageError("lock-not-for-environment", `${place}: the lock file is for other environments than this one`);
  }
  return packages
    .filter(({ marker }) => marker === undefined || evaluateMarker(marker, target.markers))
    .map((locked) => planLocked(locked, place, target));
}

function planLocked(locked: LockedPackage, place: string, target: PlanTarget): PlannedArtifact {
  const { name, version, requiresPython, unsupported } = locked;
  const called = version === undefined ? `"${name}"` : `"${name}==${version.text}"`;
  if (unsupported !== undefined) {
    throw new UsageError(
      "unsupported-lock-entry",
      `${place}: ${called} is locked to a ${unsupported} source, tspip installs wheels`,
    );
  }
  if (requiresPython !== undefined && !satisfies(requiresPython, target.pythonVersion)) {
    throw new UsageError(
      "lock-not-for-python",
      `${place}: ${called} requires Python ${requiresPython.text}, this is ${target.pythonVersion.text}`,
    );
  }
  const selection = selectArtifact(lockedRefs(locked), target);
  if (selection.outcome === "selected") return { ref: selection.ref, extras: [], place, requested: true };
  throw new UsageError(
    "no-compatible-file",
    `${place}: no file of ${called} fits the interpreter\n  ${selection.reasons.join("\n  ")}`,
  );
}

function lockedRefs({ files, index }: LockedPackage): ArtifactRef[] {
  return files.map(({ filename, url, size, pins, uploadTime }) => ({
    filename,
    url,
    digests: {},
    pins,
    source: index === undefined ? { kind: "direct" } : { kind: "index", url: index },
    provenance: index === undefined ? "unknown" : "unasked",
    ...(size !== undefined && { size }),
    ...(uploadTime !== undefined && { uploadTime }),
  }));
}
