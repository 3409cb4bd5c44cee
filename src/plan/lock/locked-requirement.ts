import type { Marker } from "../../distribution/marker.ts";
import type { ProjectName } from "../../distribution/project-name.ts";
import type { Requirement } from "../../distribution/requirement.ts";
import { parseSpecifierSet, type SpecifierSet } from "../../distribution/specifier.ts";

/** What a lock says of a package that another one needs. */
export interface LockedNeed {
  readonly name: ProjectName;
  /** Where more than one is locked. */
  readonly version?: string | undefined;
  readonly marker?: Marker | undefined;
  readonly extras?: readonly string[];
}

/** It as a requirement, in which a version that is named is pinned. */
export function lockedRequirement({ name, version, marker, extras = [] }: LockedNeed): Requirement {
  const specifiers = version === undefined ? anyVersion : parseSpecifierSet(`==${version}`);
  const asked = extras.length === 0 ? "" : `[${extras.join(",")}]`;
  return { name, extras, specifiers, text: `${name}${asked}${specifiers.text}`, ...(marker && { marker }) };
}

export const anyVersion: SpecifierSet = parseSpecifierSet("");

/** `extra == "…"` */
export function extraMarker(extra: string): Marker {
  return {
    kind: "comparison",
    left: { kind: "variable", name: "extra" },
    operator: "==",
    right: { kind: "literal", value: extra },
  };
}
