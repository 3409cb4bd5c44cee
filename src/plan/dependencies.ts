import { evaluateMarker, type MarkerEnvironment } from "../distribution/marker.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import type { Requirement } from "../distribution/requirement.ts";
import { satisfies } from "../distribution/specifier.ts";
import type { Version } from "../distribution/version.ts";

/** A distribution that will be in the environment, with the extras that somebody asked of it. */
export interface Provided {
  readonly name: ProjectName;
  readonly version: Version;
  readonly requiresDist: readonly Requirement[];
  readonly extras: readonly string[];
}

/** A requirement of a distribution that the others do not meet. */
export interface UnmetDependency {
  readonly requirer: Provided;
  readonly requirement: Requirement;
  /** The version that is there instead; absent when the project is missing. */
  readonly found?: Version;
}

/**
 * Which `Requires-Dist` of `provided` are not met by `provided` itself. Extras ask for further requirements, which may
 * ask for extras in turn (also of the same project), so this goes on until no new extra turns up.
 */
export function unmetDependencies(provided: readonly Provided[], environment: MarkerEnvironment): UnmetDependency[] {
  const byName = new Map(provided.map((distribution) => [distribution.name, distribution]));
  const extras = new Map(provided.map(({ name, extras }) => [name, new Set(extras)]));
  const unmet = new Map<Requirement, UnmetDependency>();

  const queue = [...provided];
  for (let requirer = queue.shift(); requirer !== undefined; requirer = queue.shift()) {
    for (const requirement of requirer.requiresDist) {
      if (!isAskedFor(requirement, extras.get(requirer.name) ?? new Set(), environment)) continue;
      const found = byName.get(requirement.name);
      if (found === undefined) unmet.set(requirement, { requirer, requirement });
      else if (!satisfies(requirement.specifiers, found.version)) {
        unmet.set(requirement, { requirer, requirement, found: found.version });
      }
      const known = extras.get(requirement.name);
      const fresh = requirement.extras.filter((extra) => known !== undefined && !known.has(extra));
      for (const extra of fresh) known?.add(extra);
      if (found !== undefined && fresh.length > 0) queue.push(found);
    }
  }
  return [...unmet.values()];
}

/** Whether a requirement's marker holds without an extra, or with one of those asked for. */
function isAskedFor({ marker }: Requirement, extras: ReadonlySet<string>, environment: MarkerEnvironment): boolean {
  if (marker === undefined) return true;
  return ["", ...extras].some((extra) => evaluateMarker(marker, { ...environment, extra }));
}
