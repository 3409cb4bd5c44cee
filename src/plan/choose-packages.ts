import { evaluateMarker } from "../distribution/evaluate-marker.ts";
import type { MarkerEnvironment } from "../distribution/marker.ts";
import { satisfies } from "../distribution/specifier.ts";
import { UsageError } from "../errors.ts";
import { mainGroup } from "./lock/select-by-marker.ts";
import type { LockChoice, LockedPackage, LockFile } from "./lock-file.ts";
import { called, noneFits, placeOf } from "./locked-words.ts";
import type { RequestedLock, WantedParts } from "./requested-lock.ts";
import { type PlanTarget, selectArtifact } from "./select.ts";

/** What of the lock is for the target. Packages whose files have URLs are left with the one that fits best. */
export function choosePackages(request: RequestedLock, target: PlanTarget): readonly LockedPackage[] {
  const { lock, place } = request;
  const { requiresPython, environments } = lock;
  if (requiresPython !== undefined && !satisfies(requiresPython, target.pythonVersion)) {
    throw new UsageError(
      "lock-not-for-python",
      `${place}: the lock file requires Python ${requiresPython.text}, this is ${target.pythonVersion.text}`,
    );
  }
  if (environments.length > 0 && !environments.some((marker) => evaluateMarker(marker, target.markers))) {
    throw new UsageError("lock-not-for-environment", `${place}: the lock file is for other environments than this one`);
  }
  const selected = selectedPackages(request, target.markers);
  refuseUnsupported(selected, place);
  if (request.everyFittingFile === true) return selected;
  return selected.map((locked) => withChosenFile(locked, placeOf(locked, place), target));
}

/** What of the lock is wanted there. @throws UsageError `no-such-group` */
export function selectedPackages(
  { lock, wanted, place }: RequestedLock,
  markers: MarkerEnvironment,
): readonly LockedPackage[] {
  return lock.select(chosenParts(lock, wanted, place), markers);
}

function chosenParts(lock: LockFile, wanted: WantedParts, place: string): LockChoice {
  const groups = wanted.groups === "default" ? lock.defaultGroups : wanted.groups;
  return {
    extras: known("extra", wanted.extras, lock.extras, place),
    groups: known("group", groups, groups === "all" ? lock.groups : [mainGroup, ...lock.groups], place),
  };
}

function known(
  kind: "extra" | "group",
  names: readonly string[] | "all",
  there: readonly string[],
  place: string,
): readonly string[] {
  if (names === "all") return there;
  const unknown = names.find((name) => !there.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError("no-such-group", `${place}: the lock file has no ${kind} "${unknown}"`, {
    hint: there.length === 0 ? `It has no ${kind}s` : `It has ${there.join(", ")}`,
  });
}

/** All of them at once: whoever mends a lock wants to know all of it. */
function refuseUnsupported(packages: readonly LockedPackage[], place: string): void {
  const refused = packages.filter(({ unsupported }) => unsupported !== undefined);
  if (refused.length === 0) return;
  const lines = refused.map(
    (locked) => `${placeOf(locked, place)}: ${called(locked)} is locked to ${locked.unsupported}`,
  );
  throw new UsageError(
    "unsupported-lock-entry",
    `tspip installs files that an index, a URL or a path names and a digest pins; the lock file has other things\n  ${lines.join("\n  ")}`,
    { hint: "Build wheels of them and lock those, or leave their group out" },
  );
}

function withChosenFile(locked: LockedPackage, place: string, target: PlanTarget): LockedPackage {
  const { requiresPython } = locked;
  if (requiresPython !== undefined && !satisfies(requiresPython, target.pythonVersion)) {
    throw new UsageError(
      "lock-not-for-python",
      `${place}: ${called(locked)} requires Python ${requiresPython.text}, this is ${target.pythonVersion.text}`,
    );
  }
  if (!haveUrls(locked)) return locked;
  const selection = selectArtifact(locked.files, target);
  if (selection.outcome === "none") throw noneFits(locked, place, selection.reasons);
  return { ...locked, files: [selection.ref] };
}

export function haveUrls({ files }: LockedPackage): boolean {
  return files.length > 0 && files.every(({ hasUrl }) => hasUrl);
}
