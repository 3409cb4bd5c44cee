import type { ArchiveEntry } from "./archive.ts";

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
 * The paths that a file may have in a folder of importable packages. What goes to data lies in one by the usual names of
 * site-packages; and with `--target`, or on Windows, the folder of data is one itself.
 */
export function sitePaths({ scheme, path }: Pick<Placement, "scheme" | "path">): string[] {
  if (scheme === "purelib" || scheme === "platlib") return [path];
  if (scheme !== "data") return [];
  const rest = /^lib(?:64)?\/(?:[^/]+\/)?(?:site|dist)-packages\/(?<rest>.+)$/i.exec(path)?.groups?.rest;
  return rest === undefined ? [path] : [path, rest];
}
