import type { MarkerEnvironment } from "../distribution/marker.ts";
import { compareText } from "../encoding/compare-text.ts";
import { type Dependencies, dependencyGraph, roots } from "./dependencies.ts";
import type { InstalledDistribution } from "./installed-distribution.ts";
import { type Nested, readNested } from "./nested.ts";
import { purlOf } from "./purl.ts";
import { type SourceArchive, sourceArchive } from "./source-archive.ts";

/** One installed distribution, with what more than one part of the document says about it. */
export interface Entry {
  readonly distribution: InstalledDistribution;
  readonly purl: string;
  /** The `bom-ref`, unique in the document: the purl, with `#2` and so on where it occurs again. */
  readonly ref: string;
  readonly archive: SourceArchive;
  readonly dependencies: Dependencies;
  /** The environment itself depends on it. */
  readonly isRoot: boolean;
  readonly nested: Nested;
}

/** The distributions in an order of their own, so that the order in which a folder is listed does not matter. */
export function takeInventory(installed: readonly InstalledDistribution[], markers: MarkerEnvironment): Entry[] {
  const sorted = installed.toSorted(
    (a, b) => compareText(a.name, b.name) || compareText(a.version, b.version) || compareText(a.distInfo, b.distInfo),
  );
  const graph = dependencyGraph(sorted, markers);
  const top = roots(graph);
  const seen = new Map<string, number>();
  return sorted.map((distribution) => {
    const archive = sourceArchive(distribution);
    const purl = purlOf(distribution, archive);
    const count = (seen.get(purl) ?? 0) + 1;
    seen.set(purl, count);
    const ref = count === 1 ? purl : `${purl}#${count}`;
    return {
      distribution,
      purl,
      ref,
      nested: readNested(distribution, ref),
      archive,
      dependencies: graph.get(distribution) ?? { on: new Set(), unmet: new Set(), extras: [] },
      isRoot: top.has(distribution),
    };
  });
}
