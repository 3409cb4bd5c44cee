import { ArtifactError } from "../errors.ts";
import { evaluateMarker } from "./evaluate-marker.ts";
import type { Marker, MarkerEnvironment } from "./marker.ts";
import { extraName } from "./project-name.ts";
import type { Requirement } from "./requirement.ts";

/**
 * What a distribution requires, as one extra after the other turns out to be asked for.
 * @param extra in normal form; empty for what is required without any
 * @returns requirements whose marker holds with it, and that were not returned before
 * @throws ArtifactError `wheel-metadata-invalid`
 */
export type HeldRequirements = (extra: string) => readonly Requirement[];

/** Characters of markers that are looked at for extras, which takes a few seconds; real distributions have some thousands. */
const mostCharacters = 1 << 25;

/**
 * Whoever writes METADATA can name ten thousands of extras, which all ask for each other: so a marker is looked at for the extras
 * that it names, and not again once it has held. One that names all of them and holds for none is given up.
 * @param name of the distribution, for messages
 */
export function heldRequirements(
  name: string,
  requirements: readonly Requirement[],
  environment: MarkerEnvironment,
): HeldRequirements {
  const { byExtra, ofAny } = indexOf(requirements);
  const held = new Set<Requirement>();
  let characters = 0;
  return (extra) => {
    const candidates = extra === "" ? requirements : [...(byExtra.get(extra) ?? []), ...ofAny];
    const open = candidates.filter((requirement) => !held.has(requirement));
    if (extra !== "") characters += open.reduce((sum, { text }) => sum + text.length, 0);
    if (characters > mostCharacters) throw tooMany(name);
    const markers = { ...environment, extra };
    const fresh = open.filter(({ marker }) => marker === undefined || evaluateMarker(marker, markers));
    for (const requirement of fresh) {
      held.add(requirement);
      ofAny.delete(requirement);
    }
    return fresh;
  };
}

function tooMany(name: string): ArtifactError {
  return new ArtifactError("wheel-metadata-invalid", `The markers of what "${name}" requires name too many extras`, {
    hint: "No real distribution has as many: look at its METADATA",
  });
}

interface RequirementIndex {
  /** Those that may hold with an extra where they do not without, by its name. */
  readonly byExtra: ReadonlyMap<string, ReadonlySet<Requirement>>;
  /** Those that do not say with which extra they may. */
  readonly ofAny: Set<Requirement>;
}

function indexOf(requirements: readonly Requirement[]): RequirementIndex {
  const byExtra = new Map<string, Set<Requirement>>();
  const ofAny = new Set<Requirement>();
  for (const requirement of requirements) {
    const extras = requirement.marker === undefined ? [] : extrasIn(requirement.marker);
    if (extras === undefined) ofAny.add(requirement);
    else
      for (const extra of extras) {
        const known = byExtra.get(extra) ?? new Set();
        byExtra.set(extra, known.add(requirement));
      }
  }
  return { byExtra, ofAny };
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
