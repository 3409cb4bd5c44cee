import type { Marker } from "../../distribution/marker.ts";
import type { ProjectName } from "../../distribution/project-name.ts";

/** A dependency that a package of the lock has on another. */
export interface IncomingEdge {
  readonly name: ProjectName;
  /** Absent when it holds everywhere. */
  readonly marker?: Marker | undefined;
}

/**
 * When a package is installed, by what depends on it, for locks that do not say it of the package itself. A package that
 * the project asks for on its own stands in no edge, and counts as always installed: rather one too many than one missed.
 */
export function incomingMarkers(edges: readonly IncomingEdge[]): (name: ProjectName) => Marker | undefined {
  const byName = Map.groupBy(edges, ({ name }) => name);
  return (name) => {
    const incoming = byName.get(name) ?? [];
    const markers = incoming.flatMap(({ marker }) => marker ?? []);
    if (markers.length === 0 || markers.length < incoming.length) return undefined;
    return { kind: "or", terms: markers };
  };
}
