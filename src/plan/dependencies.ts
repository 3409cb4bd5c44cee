import { heldRequirements } from "../distribution/held-requirements.ts";
import type { MarkerEnvironment } from "../distribution/marker.ts";
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
 * @throws ArtifactError `wheel-metadata-invalid`
 */
export function unmetDependencies(provided: readonly Provided[], environment: MarkerEnvironment): UnmetDependency[] {
  const byName = new Map(provided.map((requirer) => [requirer.name, { requirer, extras: new Set(requirer.extras) }]));
  const required = new Map(
    provided.map((requirer) => [requirer, heldRequirements(requirer.name, requirer.requiresDist, environment)]),
  );
  const unmet = new Map<Requirement, UnmetDependency>();

  // Each distribution once without an extra, and once for each that somebody turns out to ask for.
  const asked = provided.flatMap((requirer) => ["", ...requirer.extras].map((extra) => ({ requirer, extra })));
  for (const { requirer, extra } of asked) {
    for (const requirement of required.get(requirer)?.(extra) ?? []) {
      const found = byName.get(requirement.name);
      if (found === undefined) unmet.set(requirement, { requirer, requirement });
      else if (!satisfies(requirement.specifiers, found.requirer.version)) {
        unmet.set(requirement, { requirer, requirement, found: found.requirer.version });
      }
      for (const fresh of requirement.extras.filter((name) => found?.extras.has(name) === false)) {
        found?.extras.add(fresh);
        // What a loop goes over may grow meanwhile.
        if (found !== undefined) asked.push({ requirer: found.requirer, extra: fresh });
      }
    }
  }
  return [...unmet.values()];
}
