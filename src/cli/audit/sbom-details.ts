import { lstatSync, readdirSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import type { Installed } from "../../environment/installed.ts";
import { readIfRegular } from "../../environment/read-file.ts";
import type { InstalledDistribution, TextFile } from "../../sbom/installed-distribution.ts";
import type { CoreMetadata } from "../../wheel/metadata.ts";

/** What the document is to tell beyond names, versions and archives. */
export interface SbomDetails {
  readonly files?: true | undefined;
  readonly licenseTexts?: true | undefined;
}

/** What one distribution brings may be read up to this. */
export const longestText = 16 << 20;

/** An installed distribution with what is asked for besides; only its `.dist-info` folder is read. */
export function withDetails(installed: Installed, { files, licenseTexts }: SbomDetails): InstalledDistribution {
  const folder = join(installed.site, installed.distInfo);
  return {
    ...installed,
    nested: textsBelow(folder, "sboms"),
    ...(licenseTexts && { licenseTexts: licenseFiles(folder, installed.metadata) }),
    ...(files && { files: installed.record ?? [] }),
  };
}

function textsBelow(folder: string, name: string): TextFile[] {
  const below = join(folder, name);
  if (lstatSync(below, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const entries = readdirSync(below, { withFileTypes: true, recursive: true });
  const paths = entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort();
  return paths.flatMap((path) => textFile(path, relative(folder, path).split(sep).join("/")));
}

/** In `licenses/` since PEP 639, before that beside METADATA. */
function licenseFiles(folder: string, { licenseFiles: names }: CoreMetadata): TextFile[] {
  const inFolder = textsBelow(folder, "licenses");
  return inFolder.length > 0
    ? inFolder
    : names.flatMap((name) => textFile(join(folder, basename(name)), basename(name)));
}

/** Nothing of what a link leads to: no wheel brings one, and it may lead to what is nobody's business. */
function textFile(path: string, shown: string): TextFile[] {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return [];
  const read = readIfRegular(path);
  return read === undefined || read.bytes.length > longestText
    ? []
    : [{ path: shown, text: read.bytes.toString("utf8") }];
}
