import type { Marker } from "./marker.ts";
import { extraName } from "./project-name.ts";
import type { Requirement } from "./requirement.ts";

/**
 * What an extra may add to a distribution's requirements.
 * @param extra in normal form
 * @returns requirements whose marker can hold with the extra where it does not without; whether it does is not asked yet
 */
export type RequirementsOf = (extra: string) => readonly Requirement[];

/** Looks through markers once: whoever writes METADATA can name thousands of extras, which all ask for each other. */
export function byExtra(requirements: readonly Requirement[]): RequirementsOf {
  const named = new Map<string, Set<Requirement>>();
  const always: Requirement[] = [];
  for (const requirement of requirements) {
    const extras = requirement.marker === undefined ? [] : extrasIn(requirement.marker);
    if (extras === undefined) always.push(requirement);
    else
      for (const extra of extras) {
        const known = named.get(extra) ?? new Set();
        named.set(extra, known.add(requirement));
      }
  }
  return (extra) => [...(named.get(extra) ?? []), ...always];
}

/** The extras that a marker compares with, in normal form; undefined where that does not say with which it holds. */
function extrasIn(marker: Marker): string[] | undefined {
  if (marker.kind !== "comparison") {
    const terms = marker.terms.map(extrasIn);
    return terms.includes(undefined) ? undefined : terms.flatMap((extras) => extras ?? []);
  }
  const { left, operator, right } = marker;
  const sides = [left, right];
  if (!sides.some((side) => side.kind === "variable" && side.name === "extra")) return [];
  const literal = sides.find((side) => side.kind === "literal");
  // A part of a text, and other variables.
  if (literal === undefined || operator === "in" || operator === "not in") return undefined;
  return [extraName(literal.value)];
}
