import { type HeldRequirements, heldRequirements } from "../distribution/held-requirements.ts";
import type { MarkerEnvironment } from "../distribution/marker.ts";
import type { Requirement } from "../distribution/requirement.ts";
import { satisfies } from "../distribution/specifier.ts";
import { isVersion, parseVersion, type Version } from "../distribution/version.ts";
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

/** A distribution while the graph is made. */
interface Node {
  readonly distribution: InstalledDistribution;
  readonly version: Version | undefined;
  readonly on: Set<InstalledDistribution>;
  readonly unmet: Set<string>;
  readonly extras: Set<string>;
  readonly required: HeldRequirements;
}

/**
 * The dependency graph by `Requires-Dist`, with markers evaluated for the target. An extra counts when an installed
 * distribution asks for it; what a user asked for by hand is recorded nowhere.
 * @throws ArtifactError `wheel-metadata-invalid`
 */
export function dependencyGraph(
  installed: readonly InstalledDistribution[],
  markers: MarkerEnvironment,
): ReadonlyMap<InstalledDistribution, Dependencies> {
  const nodes = installed.map((distribution) => nodeOf(distribution, markers));
  const byName = Map.groupBy(nodes, ({ distribution }) => distribution.name);

  // Each distribution once without extra, and once for each extra that somebody turns out to ask for.
  const waiting = nodes.flatMap((node) => ["", ...node.extras].map((extra) => ({ node, extra })));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, extra } = next;
    for (const requirement of node.required(extra)) {
      const { candidates, isMet } = candidatesFor(requirement, node, byName.get(requirement.name) ?? []);
      if (!isMet) node.unmet.add(requirement.text);
      for (const candidate of candidates) {
        if (candidate !== node) node.on.add(candidate.distribution);
        for (const asked of requirement.extras.filter((name) => !candidate.extras.has(name))) {
          candidate.extras.add(asked);
          waiting.push({ node: candidate, extra: asked });
        }
      }
    }
  }
  return new Map(
    nodes.map(({ distribution, on, unmet, extras }) => [distribution, { on, unmet, extras: [...extras].sort() }]),
  );
}

/** Whatever is installed by that name will be imported; of a lock's versions of a project, those that fit are meant. */
function candidatesFor(requirement: Requirement, { distribution }: Node, named: readonly Node[]) {
  const fitting = named.filter(({ version }) => meets(version, requirement));
  if (distribution.from !== "lock") return { candidates: named, isMet: fitting.length > 0 };
  // What a lock leaves out is for environments that the lock is not for.
  return { candidates: fitting.length > 0 ? fitting : named, isMet: true };
}

function nodeOf(distribution: InstalledDistribution, markers: MarkerEnvironment): Node {
  const { name, version, metadata, extras = [] } = distribution;
  return {
    distribution,
    version: isVersion(version) ? parseVersion(version) : undefined,
    on: new Set(),
    unmet: new Set(),
    extras: new Set(extras),
    required: heldRequirements(name, metadata.requiresDist, markers),
  };
}

function meets(version: Version | undefined, { specifiers }: Requirement): boolean {
  if (specifiers.clauses.length === 0) return true;
  return version !== undefined && satisfies(specifiers, version);
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
      for (const other of graph.get(next)?.on ?? []) waiting.push(other);
    }
  };
  for (const distribution of graph.keys()) if (distribution.requested || !needed.has(distribution)) take(distribution);
  for (const distribution of graph.keys()) if (!reached.has(distribution)) take(distribution);
  return found;
}
