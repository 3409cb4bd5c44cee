import systemPath, { type PlatformPath } from "node:path";
import type { ProjectName } from "../distribution/project-name.ts";
import type { Schemes } from "../environment/interpreter.ts";
import type { UnpackedMember, UnpackedWheel } from "../unpack/unpack-wheel.ts";
import type { SchemeKey } from "../wheel/placement.ts";
import { inFolder, isBelow, type Settler } from "./settle.ts";

/** A folder that a distribution has files in: one object for all of these, as there are ten times as many. */
export interface PlaceFolder {
  readonly distribution: ProjectName;
  readonly scheme: SchemeKey;
  /** Inside the scheme, with `/`; empty for the scheme's own. */
  readonly path: string;
  /** Absolute and settled. */
  readonly destination: string;
}

/** Where a file of a distribution belongs. */
export interface Place {
  readonly folder: PlaceFolder;
  readonly name: string;
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
  place(scheme: SchemeKey, path: string): Place;
  script(name: string): Place;
  distInfoFile(name: string): Place;
}

/** Headers go to a folder of the project's own; every other scheme is shared. */
export function placementOf(
  distribution: ProjectName,
  wheel: UnpackedWheel,
  schemes: Schemes,
  settler: Settler,
): Placement {
  const { root, distInfo } = wheel;
  const folderOf = placeFolders(distribution, schemePaths(schemes, wheel.name), settler);
  const place = (scheme: SchemeKey, path: string): Place => {
    const end = path.lastIndexOf("/");
    const folder = folderOf(scheme, path.slice(0, Math.max(0, end)));
    const name = path.slice(end + 1);
    return { folder, name, scheme, path, destination: inFolder(folder.destination, name) };
  };
  return {
    site: settler.folder(schemes[root]),
    members: () =>
      wheel.members.map(({ scheme, path, hash, size, isExecutable }) => {
        const { folder, name, destination } = place(scheme, path);
        return { folder, name, scheme, path, destination, hash, size, isExecutable };
      }),
    place,
    script: (name) => place("scripts", name),
    distInfoFile: (name) => place(root, `${distInfo}/${name}`),
  };
}

function placeFolders(
  distribution: ProjectName,
  inScheme: (scheme: SchemeKey, path: string) => string,
  settler: Settler,
): (scheme: SchemeKey, path: string) => PlaceFolder {
  const known = new Map<string, PlaceFolder>();
  let last: PlaceFolder | undefined;
  return (scheme, path) => {
    // Members of one folder mostly come one after the other.
    if (last?.path === path && last.scheme === scheme) return last;
    const key = `${scheme}/${path}`;
    last = known.get(key) ?? { distribution, scheme, path, destination: settler.folder(inScheme(scheme, path)) };
    known.set(key, last);
    return last;
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
