import { PackageURL } from "packageurl-js";
import type { InstalledDistribution } from "./installed-distribution.ts";
import type { SourceArchive } from "./source-archive.ts";
import { publicUrl } from "./url.ts";

/**
 * The package URL of a distribution (ECMA-427; type `pypi`): the normalised name, the version as METADATA has it, and
 * the archive's file name where it is known. A URL that the user named stands in `download_url`; a path of this machine
 * does not, since it means nothing elsewhere.
 */
export function purlOf({ name, version, directUrl }: InstalledDistribution, { filename }: SourceArchive): string {
  const downloadUrl = directUrl && publicUrl(directUrl.url, ["https:", "http:"]);
  const qualifiers = {
    ...(downloadUrl !== undefined && { download_url: downloadUrl }),
    ...(filename !== undefined && { file_name: filename }),
  };
  const purl = new PackageURL("pypi", undefined, name, componentVersion(version), qualifiers, undefined).toString();
  // packageurl-js leaves `+` and `!` in the version as they are. Some readers take a plus for a space, which would turn
  // the local version of `1.0+cpu` into another text.
  return purl.replace(/@[^?]*/, (text) => text.replaceAll("+", "%2B").replaceAll("!", "%21"));
}

/** CycloneDX takes versions of up to 1024 characters. A longer one is no version, and half of it would be another. */
export function componentVersion(version: string): string | undefined {
  return version !== "" && version.length <= 1024 ? version.toWellFormed() : undefined;
}
