import { ArtifactError } from "../errors.ts";
import type { ArchiveEntry } from "./archive.ts";
import { checkPlacements } from "./check-placements.ts";
import type { DistInfo } from "./dist-info.ts";
import { collisionKey } from "./member-path.ts";
import { type Placement, type SchemeKey, schemeKeys } from "./placement.ts";

/**
 * Says where each member goes (binary distribution format, "installing a wheel"): what lies in `NAME.data/KEY/` into
 * the scheme of that key, everything else into purelib or platlib. What an installer has to say is not taken from the
 * wheel.
 * @throws ArtifactError `wheel-layout-invalid`, `wheel-layout-unsafe`
 */
export function planLayout(distInfo: DistInfo, entries: readonly ArchiveEntry[]): Placement[] {
  const { directory, wheel } = distInfo;
  const root: SchemeKey = wheel.rootIsPurelib ? "purelib" : "platlib";
  const dataDirectory = `${directory.slice(0, -".dist-info".length)}.data`;
  const placements = entries
    .filter(({ path }) => !isOfInstaller(path, distInfo))
    .map((entry) => placement(entry, root, dataDirectory));
  checkPlacements(placements, distInfo);
  return placements;
}

/**
 * Files of `.dist-info` that say who installed a distribution, from where, why and on whose word (PyPA: recording
 * installed projects, direct URL, PEP 710, our receipt). A wheel that brings one would speak for the installer.
 */
const installerFiles: ReadonlySet<string> = new Set(
  ["INSTALLER", "REQUESTED", "direct_url.json", "provenance_url.json", "tspip.json"].map(collisionKey),
);

/** RECORD is written anew, so that it and signatures over it are not those of the wheel either. */
function isOfInstaller(path: string, { directory, unhashed }: DistInfo): boolean {
  if (unhashed.has(path)) return true;
  return path.startsWith(`${directory}/`) && installerFiles.has(collisionKey(path.slice(directory.length + 1)));
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
  return { entry, scheme, path: rest.join("/") };
}

function invalid(message: string): ArtifactError {
  return new ArtifactError("wheel-layout-invalid", message);
}
