import { evaluateMarker } from "../../distribution/evaluate-marker.ts";
import type { Marker, MarkerEnvironment } from "../../distribution/marker.ts";
import type { LockChoice, LockedPackage } from "../lock-file.ts";

/** The group of the project's own dependencies. */
export const mainGroup = "main";

/** For locks whose packages say themselves when they are installed: by their group and their marker. */
export function selectByMarker(
  packages: readonly LockedPackage[],
): (choice: LockChoice, environment: MarkerEnvironment) => readonly LockedPackage[] {
  return ({ extras, groups }, environment) => {
    const wanted = new Set([mainGroup, ...groups]);
    return packages.filter(
      (locked) =>
        (locked.groups?.some((group) => wanted.has(group)) ?? true) &&
        (locked.marker === undefined || holds(locked.marker, { extras, groups }, environment)),
    );
  };
}

/** PEP 751 asks for `extras` and `dependency_groups`; poetry writes `extra`, which holds for any of those asked for. */
function holds(marker: Marker, { extras, groups }: LockChoice, environment: MarkerEnvironment): boolean {
  return ["", ...extras].some((extra) =>
    evaluateMarker(marker, { ...environment, extra, extras, dependency_groups: groups }),
  );
}

/** Both must hold. */
export function bothMarkers(a: Marker | undefined, b: Marker | undefined): Marker | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { kind: "and", terms: [a, b] };
}
