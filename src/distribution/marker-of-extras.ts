import type { Marker } from "./marker.ts";

/**
 * What of a marker is about extras: it holds for an extra where the marker can hold in some environment. Nothing where the
 * marker can hold without any.
 */
export function withoutEnvironment(marker: Marker): Marker | undefined {
  if (marker.kind === "comparison") {
    const isOfExtra = [marker.left, marker.right].some((side) => side.kind === "variable" && side.name === "extra");
    return isOfExtra ? marker : undefined;
  }
  const terms = marker.terms.map(withoutEnvironment);
  const left = terms.filter((term) => term !== undefined);
  if (left.length === 0 || (marker.kind === "or" && left.length < terms.length)) return undefined;
  return { kind: marker.kind, terms: left };
}
