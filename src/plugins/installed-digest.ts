import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { digestOf } from "../distribution/digest.ts";
import { receiptFilename } from "../verdict/receipt.ts";
import { parseRecord } from "../wheel/record.ts";

/**
 * What `sha256` in tspip.toml is compared with: the digest of a list in the form of `sha256sum`, one line for each file,
 * sorted by path. It is the same whichever installer brought the files.
 */
function digestOfList(files: ReadonlyMap<string, Uint8Array>): string {
  const paths = [...files.keys()].sort();
  const lines = paths.map((path) => `${digestOf(files.get(path) ?? new Uint8Array())}  ${path}\n`);
  return digestOf(Buffer.from(lines.join("")));
}

/**
 * Of an installed distribution: the files that its RECORD lists beside its `.dist-info` folder, and in it what its wheel
 * brought. Bytecode, and what installers write, is left out.
 * @throws Error when RECORD or a file cannot be read
 */
export async function distributionDigest(site: string, distInfo: string): Promise<string> {
  const rows = parseRecord(await readFile(join(site, distInfo, "RECORD"), "utf8"));
  const own = rows.map(({ path }) => path).filter((path) => isFromWheel(path, distInfo));
  return digestOfList(await readAll(site, own));
}

const installersOwn = new Set([
  "RECORD",
  "INSTALLER",
  "REQUESTED",
  "direct_url.json",
  "uv_cache.json",
  receiptFilename,
]);

function isFromWheel(path: string, distInfo: string): boolean {
  if (path.startsWith("../") || path.startsWith("/") || path.endsWith(".pyc")) return false;
  const [folder, name = ""] = path.split("/");
  return folder !== distInfo || !installersOwn.has(name);
}

/** Of an npm package: its files, without the packages that lie in it. @throws Error when one cannot be read */
export async function packageDigest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.split("/").includes("node_modules"));
  return digestOfList(await readAll(folder, paths));
}

/** Of one file, as `sha256sum` says it. */
export async function fileDigest(path: string): Promise<string> {
  return digestOf(await readFile(path));
}

async function readAll(folder: string, paths: readonly string[]): Promise<Map<string, Uint8Array>> {
  const files = await Promise.all(
    paths.map(async (path): Promise<[string, Uint8Array]> => [path, await readFile(join(folder, path))]),
  );
  return new Map(files);
}
