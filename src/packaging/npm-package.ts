import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { version } from "../cli/version.ts";
import { programFiles } from "./program-files.ts";

/** What a user's package.json has of ours: everything is bundled, so nothing has to be fetched besides. */
const keptFields = ["name", "version", "description", "license", "repository", "type", "bin", "man", "engines"];

/**
 * The package for npm, without dependencies. npm gives every file one date, so the same files make the same archive.
 * @returns the path of the archive
 */
export function makeNpmPackage(directory: string): string {
  const staging = mkdtempSync(join(tmpdir(), "tspip-npm-"));
  try {
    for (const [path, content] of programFiles(`pkg:npm/tspip@${version}`)) {
      mkdirSync(dirname(join(staging, path)), { recursive: true });
      write(join(staging, path), content);
    }
    write(join(staging, "package.json"), manifest());
    mkdirSync(directory, { recursive: true });
    const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", directory, staging], {
      encoding: "utf8",
    });
    const [{ filename }] = JSON.parse(packed);
    return join(directory, filename);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** For everybody to read, whatever the umask is: npm packs modes as they are. */
function write(path: string, content: string | Buffer): void {
  writeFileSync(path, content);
  chmodSync(path, 0o644);
}

function manifest(): string {
  const own = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return `${JSON.stringify(Object.fromEntries(keptFields.map((field) => [field, own[field]])), null, 2)}\n`;
}
