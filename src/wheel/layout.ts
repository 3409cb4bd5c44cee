import { ArtifactError } from "../errors.ts";
import type { ArchiveEntry } from "./archive.ts";
import type { DistInfo } from "./dist-info.ts";
import { collisionKey } from "./member-path.ts";

/** Where files of a distribution go (sysconfig's installation schemes, as far as wheels use them). */
export const schemeKeys = ["purelib", "platlib", "headers", "scripts", "data"] as const;
export type SchemeKey = (typeof schemeKeys)[number];

/** Where one member goes: a path inside a scheme's folder, with `/` between its parts, and no way out of it. */
export interface Placement {
  readonly entry: ArchiveEntry;
  readonly scheme: SchemeKey;
  readonly path: string;
}

/**
 * Says where each member goes (binary distribution format, "installing a wheel"): what lies in `NAME.data/KEY/` into
 * the scheme of that key, everything else into purelib or platlib. Signatures over RECORD are not installed: RECORD
 * is written anew.
 * @throws ArtifactError `wheel-layout-invalid`
 */
export function planLayout({ directory, wheel, unhashed }: DistInfo, entries: readonly ArchiveEntry[]): Placement[] {
  const root: SchemeKey = wheel.rootIsPurelib ? "purelib" : "platlib";
  const dataDirectory = `${directory.slice(0, -".dist-info".length)}.data`;
  const placements = entries
    .filter(({ path }) => !unhashed.has(path))
    .map((entry) => placement(entry, root, dataDirectory));
  checkDestinations(placements);
  return placements;
}

/** Member paths are relative and without `..` (`member-path.ts`), so a part of one is as well. */
function placement(entry: ArchiveEntry, root: SchemeKey, dataDirectory: string): Placement {
  const [first = "", key = "", ...rest] = entry.path.split("/");
  if (!first.endsWith(".data") || key === "") return { entry, scheme: root, path: entry.path };
  if (first !== dataDirectory) throw invalid(`"${entry.path}" lies in a .data folder of another distribution`);
  const scheme = schemeKeys.find((known) => known === key);
  if (scheme === undefined || rest.length === 0) {
    throw invalid(`"${entry.path}" is for the scheme "${key}", which there is not`);
  }
  const path = rest.join("/");
  if (landsInDistInfo(scheme, path)) throw invalid(`"${entry.path}" would be metadata of an installed distribution`);
  return { entry, scheme, path };
}

/** A wheel's one `.dist-info` folder lies at its root: through `.data`, it would add to another or pose as one. */
function landsInDistInfo(scheme: SchemeKey, path: string): boolean {
  if (scheme === "purelib" || scheme === "platlib") return /^[^/]+\.dist-info(?:\/|$)/i.test(path);
  return /(?:^|\/)(?:site|dist)-packages\/[^/]+\.dist-info(?:\/|$)/i.test(path);
}

/** No two members for one place. purelib and platlib are one folder in most environments. */
function checkDestinations(placements: readonly Placement[]): void {
  const taken = new Map<string, string>();
  for (const { entry, scheme, path } of placements) {
    const destination = `${scheme === "platlib" ? "purelib" : scheme}/${collisionKey(path)}`;
    const other = taken.get(destination);
    if (other !== undefined) throw invalid(`"${other}" and "${entry.path}" would be installed as one file`);
    taken.set(destination, entry.path);
  }
}

function invalid(message: string): ArtifactError {
  return new ArtifactError("wheel-layout-invalid", message);
}
