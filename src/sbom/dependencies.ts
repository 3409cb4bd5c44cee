import { evaluateMarker, type MarkerEnvironment } from "../distribution/marker.ts";
import type { Requirement } from "../distribution/requirement.ts";
import { satisfies } from "../distribution/specifier.ts";
import { isVersion, parseVersion } from "../distribution/version.ts";
import type { InstalledDistribution } from "./installed-distribution.ts";

/** What one distribution needs of the others in its environment. */
export interface Dependencies {
  /** Installed distributions that its requirements name, whether or not their version fits: these will be imported. */
  readonly on: ReadonlySet<InstalledDistribution>;
  /** Requirements that nothing installed meets, as METADATA has them. */
  readonly unmet: ReadonlySet<string>;
  /** Extras of this distribution that others ask for, sorted. */
  readonly extras: readonly string[];
}

type Building = { on: Set<InstalledDistribution>; unmet: Set<string>; extras: Set<string> };

/**
 * The dependency graph by `Requires-Dist`, with markers evaluated for the target. An extra counts when an installed
 * distribution asks for it; what a user asked for by hand is recorded nowhere.
 */
export function dependencyGraph(
  installed: readonly InstalledDistribution[],
  markers: MarkerEnvironment,
): ReadonlyMap<InstalledDistribution, Dependencies> {
  const byName = Map.groupBy(installed, ({ name }) => name);
  const graph = new Map<InstalledDistribution, Building>();
  for (const distribution of installed) graph.set(distribution, { on: new Set(), unmet: new Set(), extras: new Set() });

  // Each distribution once without extra, and once for each extra that somebody turns out to ask for.
  const waiting = installed.map((distribution) => ({ distribution, extra: "" }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { distribution, extra } = next;
    for (const requirement of applicable(distribution, { ...markers, extra })) {
      const candidates = byName.get(requirement.name) ?? [];
      if (!candidates.some(({ version }) => meets(version, requirement)))
        graph.get(distribution)?.unmet.add(requirement.text);
      for (const candidate of candidates) {
        if (candidate !== distribution) graph.get(distribution)?.on.add(candidate);
        const { extras } = graph.get(candidate) ?? { extras: new Set<string>() };
        for (const asked of requirement.extras.filter((name) => !extras.has(name))) {
          extras.add(asked);
          waiting.push({ distribution: candidate, extra: asked });
        }
      }
    }
  }
  return new Map([...graph].map(([key, { on, unmet, extras }]) => [key, { on, unmet, extras: [...extras].sort() }]));
}

/** With an extra, only requirements that have a marker can be new. */
function applicable({ metadata }: InstalledDistribution, environment: MarkerEnvironment): Requirement[] {
  return metadata.requiresDist.filter(({ marker }) =>
    marker === undefined ? environment.extra === "" : evaluateMarker(marker, environment),
  );
}

function meets(version: string, { specifiers }: Requirement): boolean {
  if (specifiers.clauses.length === 0) return true;
  return isVersion(version) && satisfies(specifiers, parseVersion(version));
}

/**
 * What the environment as a whole depends on: distributions that were asked for by name or that no other one needs,
 * and one of each circle that would hang in the air otherwise. From these, every distribution can be reached.
 */
export function roots(graph: ReadonlyMap<InstalledDistribution, Dependencies>): ReadonlySet<InstalledDistribution> {
  const needed = new Set([...graph.values()].flatMap(({ on }) => [...on]));
  const found = new Set<InstalledDistribution>();
  const reached = new Set<InstalledDistribution>();
  const take = (root: InstalledDistribution) => {
    found.add(root);
    const waiting = [root];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      waiting.push(...(graph.get(next)?.on ?? []));
    }
  };
  for (const distribution of graph.keys()) if (distribution.requested || !needed.has(distribution)) take(distribution);
  for (const distribution of graph.keys()) if (!reached.has(distribution)) take(distribution);
  return found;
}
