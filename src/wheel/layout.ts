import { ArtifactError } from "../errors.ts";
import type { ArchiveEntry } from "./archive.ts";
import type { DistInfo } from "./dist-info.ts";

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
  return entries.filter(({ path }) => !unhashed.has(path)).map((entry) => placement(entry, root, dataDirectory));
}

/** Member paths are relative and without `..` (`archive.ts`), so a part of one is as well. */
function placement(entry: ArchiveEntry, root: SchemeKey, dataDirectory: string): Placement {
  const [first = "", key = "", ...rest] = entry.path.split("/");
  if (!first.endsWith(".data")) return { entry, scheme: root, path: entry.path };
  if (first !== dataDirectory)
    throw new ArtifactError("wheel-layout-invalid", `"${entry.path}" lies in a .data folder of another distribution`);
  const scheme = schemeKeys.find((known) => known === key);
  if (scheme === undefined || rest.length === 0) {
    throw new ArtifactError("wheel-layout-invalid", `"${entry.path}" is for the scheme "${key}", which there is not`);
  }
  return { entry, scheme, path: rest.join("/") };
}
