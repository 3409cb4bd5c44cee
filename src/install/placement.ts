import systemPath, { type PlatformPath } from "node:path";
import type { Schemes } from "../environment/interpreter.ts";
import type { UnpackedMember, UnpackedWheel } from "../unpack/unpack-wheel.ts";
import type { SchemeKey } from "../wheel/layout.ts";
import { isBelow, type Settler } from "./settle.ts";

/** Where a file of a distribution belongs. */
export interface Place {
  readonly scheme: SchemeKey;
  /** Inside the scheme, with `/`. */
  readonly path: string;
  /** Absolute and settled. */
  readonly destination: string;
}

/** A member of a wheel and where it goes on this system. */
export type PlacedMember = UnpackedMember & Place;

/** Says where the files of one distribution go. */
export interface Placement {
  /** The folder that its `.dist-info` goes to, from which paths in its RECORD start; settled. */
  readonly site: string;
  members(): PlacedMember[];
  script(name: string): Place;
  distInfoFile(name: string): Place;
}

/** Headers go to a folder of the project's own; every other scheme is shared. */
export function placementOf(wheel: UnpackedWheel, schemes: Schemes, settler: Settler): Placement {
  const { root, distInfo } = wheel;
  const inScheme = schemePaths(schemes, wheel.name);
  const destination = (scheme: SchemeKey, path: string) => settler.path(inScheme(scheme, path));
  const place = (scheme: SchemeKey, path: string): Place => ({ scheme, path, destination: destination(scheme, path) });
  return {
    site: settler.folder(schemes[root]),
    members: () => wheel.members.map((member) => ({ ...member, destination: destination(member.scheme, member.path) })),
    script: (name) => place("scripts", name),
    distInfoFile: (name) => place(root, `${distInfo}/${name}`),
  };
}

/**
 * Joins the folder of a scheme and a path in it, as the system writes paths.
 * @param project whose own the folder of headers is
 */
export function schemePaths(
  schemes: Schemes,
  project: string,
  { join }: Pick<PlatformPath, "join"> = systemPath,
): (scheme: SchemeKey, path: string) => string {
  const roots = { ...schemes, headers: join(schemes.headers, project) };
  return (scheme, path) => join(roots[scheme], path);
}

/**
 * A path as RECORD has it: relative to the folder of the `.dist-info`, with `/`; absolute where the two are on different
 * drives (PyPA: recording installed projects).
 */
export function recordPath(
  site: string,
  path: string,
  { relative, sep }: Pick<PlatformPath, "relative" | "sep"> = systemPath,
): string {
  // Nearly every path: `relative` would take both apart first.
  const inside = path.startsWith(site + sep) ? path.slice(site.length + 1) : relative(site, path);
  return sep === "/" ? inside : inside.replaceAll(sep, "/");
}

/** The folders of the schemes, settled, each once. */
export function settledSchemes(schemes: Schemes, settler: Settler): string[] {
  return [...new Set(Object.values(schemes).map(settler.folder))];
}

/** Whether a settled path lies in one of these folders. */
export function isInSchemes(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => isBelow(folder, path));
}
