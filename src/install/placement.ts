import { join, relative, sep } from "node:path";
import type { Environment } from "../environment/environment.ts";
import type { Schemes } from "../environment/interpreter.ts";
import type { ArchiveEntry } from "../wheel/archive.ts";
import type { DistInfo } from "../wheel/dist-info.ts";
import { planLayout, type SchemeKey } from "../wheel/layout.ts";

/** Where a member of a wheel goes on this system. */
export interface PlacedMember {
  readonly entry: ArchiveEntry;
  readonly scheme: SchemeKey;
  /** Absolute. */
  readonly destination: string;
}

/** The folder that the distribution's `.dist-info` goes to, from which paths in its RECORD start. */
export function siteOf({ wheel }: DistInfo, schemes: Schemes): string {
  return wheel.rootIsPurelib ? schemes.purelib : schemes.platlib;
}

/** Headers go to a folder of the project's own; every other scheme is shared. */
export function placeMembers(
  distInfo: DistInfo,
  entries: readonly ArchiveEntry[],
  { schemes }: Environment,
): PlacedMember[] {
  const roots = { ...schemes, headers: join(schemes.headers, distInfo.metadata.name) };
  return planLayout(distInfo, entries).map(({ entry, scheme, path }) => ({
    entry,
    scheme,
    destination: join(roots[scheme], ...path.split("/")),
  }));
}

/** A path as RECORD has it: relative to the folder of the `.dist-info`, with `/`. */
export function recordPath(site: string, path: string): string {
  return relative(site, path).split(sep).join("/");
}
