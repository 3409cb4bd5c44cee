import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isProjectName, normalizeProjectName } from "../distribution/project-name.ts";
import { messageOf } from "../errors.ts";
import { parseReceipt, receiptFilename } from "../verdict/receipt.ts";
import { parseMetadata } from "../wheel/metadata.ts";
import { parseRecord } from "../wheel/record.ts";
import type { DirectUrl, Installed } from "./installed.ts";

export interface Scan {
  readonly installed: readonly Installed[];
  /** `.dist-info` folders that cannot be read, with the reason. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
}

/** Reads what is installed in the given folders. Files are read, nothing is run or imported. */
export async function scanInstalled(sites: Iterable<string>): Promise<Scan> {
  const installed: Installed[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  for (const site of new Set(sites)) {
    const names = (await listFolder(site)).filter((name) => name.endsWith(".dist-info")).sort();
    for (const distInfo of names) {
      try {
        installed.push(await readInstalled(site, distInfo));
      } catch (error) {
        unreadable.push({ path: join(site, distInfo), reason: messageOf(error) });
      }
    }
  }
  return { installed, unreadable };
}

async function readInstalled(site: string, distInfo: string): Promise<Installed> {
  const file = (name: string) => readIfThere(join(site, distInfo, name));
  const [metadataText, recordText, installer, requested, directUrl, receiptText] = await Promise.all(
    ["METADATA", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", receiptFilename].map(file),
  );
  if (metadataText === undefined) throw new Error("it has no METADATA");
  const metadata = parseMetadata(metadataText);
  if (!isProjectName(metadata.name)) throw new Error(`"${metadata.name}" is not a project name`);
  const receipt = receiptText === undefined ? undefined : parseReceipt(receiptText);
  const direct = directUrl === undefined ? undefined : parseDirectUrl(directUrl);
  return {
    name: normalizeProjectName(metadata.name),
    version: metadata.version,
    site,
    distInfo,
    metadata,
    ...(recordText !== undefined && { record: parseRecord(recordText) }),
    ...(installer !== undefined && { installer: installer.trim() }),
    requested: requested !== undefined,
    ...(direct && { directUrl: direct }),
    ...(receipt && { receipt }),
  };
}

function parseDirectUrl(text: string): DirectUrl | undefined {
  const value: Partial<DirectUrl> = JSON.parse(text);
  const hashes = value.archive_info?.hashes ?? {};
  return typeof value.url === "string" ? { url: value.url, archive_info: { hashes } } : undefined;
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
