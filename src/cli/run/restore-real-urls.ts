import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ClientCommand } from "../../clients/client.ts";
import { type RealPlaces, withRealUrls } from "../../clients/real-urls.ts";
import type { Host } from "../host.ts";
import { fromHere, isFile, projectFoldersOf } from "./project-files.ts";

const lockName = /^(?:pylock\.(?:[^.]+\.)?toml|(?:uv|poetry|pdm|Pipfile)\.lock)$/;

/**
 * Puts real URLs into lock files that were written behind a loopback index: those of the project and those that the
 * command names.
 * @returns the files that were changed
 */
export async function restoreRealUrls(
  command: ClientCommand,
  loopback: URL,
  places: RealPlaces,
  host: Host,
): Promise<string[]> {
  const written = await Promise.all((await projectFoldersOf(command, host)).map(lockFilesIn));
  const words = command.words.map((word) => word.replace(/^(?:--[a-z-]+=|-o)/, ""));
  // The lock of a script has the script's name (uv).
  const named = words.flatMap((word) => [word, `${word}.lock`]).flatMap((word) => fromHere(word, command, host));
  const changed: string[] = [];
  for (const path of new Set([...written.flat(), ...named.map((file) => resolve(host.cwd, file))])) {
    if (!(await isFile(path))) continue;
    const text = await readFile(path, "utf8");
    const real = await withRealUrls(text, loopback, places);
    if (real === text) continue;
    await writeFile(path, real);
    changed.push(path);
  }
  return changed;
}

async function lockFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => lockName.test(name)).map((name) => join(folder, name));
}
