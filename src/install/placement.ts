import { join, relative, sep } from "node:path";
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
  const roots = { ...schemes, headers: join(schemes.headers, wheel.name) };
  const destination = (scheme: SchemeKey, path: string) => settler.path(join(roots[scheme], path));
  const place = (scheme: SchemeKey, path: string): Place => ({ scheme, path, destination: destination(scheme, path) });
  return {
    site: settler.folder(schemes[root]),
    members: () => wheel.members.map((member) => ({ ...member, destination: destination(member.scheme, member.path) })),
    script: (name) => place("scripts", name),
    distInfoFile: (name) => place(root, `${distInfo}/${name}`),
  };
}

/** A path as RECORD has it: relative to the folder of the `.dist-info`, with `/`. */
export function recordPath(site: string, path: string): string {
  return relative(site, path).split(sep).join("/");
}

/** The folders of the schemes, settled, each once. */
export function settledSchemes(schemes: Schemes, settler: Settler): string[] {
  return [...new Set(Object.values(schemes).map(settler.folder))];
}

/** Whether a settled path lies in one of these folders. */
export function isInSchemes(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => isBelow(folder, path));
}
