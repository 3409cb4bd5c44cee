import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { isProjectName, normalizeProjectName } from "../distribution/project-name.ts";
import { messageOf } from "../errors.ts";
import { parseReceipt, receiptFilename } from "../verdict/receipt.ts";
import { parseMetadata } from "../wheel/metadata.ts";
import { parseRecord } from "../wheel/record.ts";
import { parseDirectUrl, parseProvenanceUrl, provenanceUrlFilename } from "./direct-url.ts";
import type { Installed } from "./installed.ts";
import { readRegularFile } from "./read-file.ts";

export interface Scan {
  readonly installed: readonly Installed[];
  /** `.dist-info` folders that cannot be read, with the reason. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Reads what is installed in the given folders. Files are read, nothing is run or imported.
 * @param onInstalled called for each distribution as it is read
 * @param withRecords false where nobody asks which files are whose
 */
export async function scanInstalled(
  sites: Iterable<string>,
  onInstalled: (installed: Installed) => void = () => {},
  withRecords = true,
): Promise<Scan> {
  const installed: Installed[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  for (const site of new Set(sites)) {
    // importlib.metadata goes by the ending in lower case.
    const names = listFolder(site).filter((name) => /\.dist-info$/i.test(name));
    for (const distInfo of names.sort()) {
      try {
        const read = readInstalled(site, distInfo, withRecords);
        installed.push(read);
        onInstalled(read);
      } catch (error) {
        unreadable.push({ path: join(site, distInfo), reason: messageOf(error) });
      }
    }
  }
  return { installed, unreadable };
}

function readInstalled(site: string, distInfo: string, withRecord: boolean): Installed {
  const folder = join(site, distInfo);
  const names = new Set(readdirSync(folder));
  const file = (name: string) => (names.has(name) ? readText(join(folder, name)) : undefined);
  const metadataText = file("METADATA");
  const recordText = withRecord ? file("RECORD") : undefined;
  const installer = file("INSTALLER");
  const directUrl = file("direct_url.json");
  const receiptText = file(receiptFilename);
  if (metadataText === undefined) throw new Error("it has no METADATA");
  const metadata = parseMetadata(metadataText);
  if (!isProjectName(metadata.name)) throw new Error(`"${metadata.name}" is not a project name`);
  const receipt = receiptText === undefined ? undefined : parseReceipt(receiptText);
  const direct = directUrl === undefined ? undefined : parseDirectUrl(directUrl);
  const provenanceText = directUrl === undefined ? file(provenanceUrlFilename) : undefined;
  const provenance = provenanceText === undefined ? undefined : parseProvenanceUrl(provenanceText);
  return {
    name: normalizeProjectName(metadata.name),
    version: metadata.version,
    site,
    distInfo,
    metadata,
    ...(recordText !== undefined && { record: parseRecord(recordText) }),
    ...(installer !== undefined && { installer: installer.trim() }),
    requested: names.has("REQUESTED"),
    ...(direct && { directUrl: direct }),
    ...(provenance && { provenanceUrl: provenance }),
    ...(receipt && { receipt }),
  };
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Bytes that are no UTF-8 become replacement characters: the same wherever the text is compared. */
function readText(path: string): string {
  try {
    return readRegularFile(path).bytes.toString("utf8");
  } catch (error) {
    throw new Error(`${basename(path)}: ${messageOf(error)}`);
  }
}
