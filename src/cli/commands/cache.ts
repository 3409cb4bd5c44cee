import { existsSync } from "node:fs";
import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { EnvironmentError, messageOf } from "../../errors.ts";
import { usageOf } from "../../memory/artifact-store.ts";
import type { CacheOptions } from "../command-line/upkeep.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { cacheFolder, cacheParts } from "../settings/cache-folder.ts";
import { printableLine } from "../terminal.ts";

/** `tspip cache info`: where the cache is and what it holds. */
export async function cacheInfo(options: CacheOptions, host: Host): Promise<number> {
  const folder = folderOf(options, host);
  host.stdout.write(`Cache: ${printableLine(folder)}\n`);
  for (const part of cacheParts) {
    const { files, bytes } = await onDisk(folder, usageOf(join(folder, part)));
    host.stdout.write(`  ${part}: ${files} files, ${bytes} bytes\n`);
  }
  return exitCodes.done;
}

/** `tspip cache clear`: the next commands ask and fetch anew. Nothing goes but what tspip put there. */
export async function cacheClear(options: CacheOptions, host: Host): Promise<number> {
  const folder = folderOf(options, host);
  for (const part of cacheParts) {
    const path = join(folder, part);
    const before = await onDisk(folder, usageOf(path));
    await onDisk(folder, removeOwn(path));
    const left = await onDisk(folder, usageOf(path));
    host.stdout.write(`Removed ${part}: ${before.files - left.files} files, ${before.bytes - left.bytes} bytes\n`);
    if (left.files > 0)
      host.stderr.write(`warning: Left ${left.files} files in "${printableLine(path)}" that tspip has not put there\n`);
  }
  return exitCodes.done;
}

/** What lies in a part of the cache is called by digests: folders by their first two digits, files by all. */
async function removeOwn(path: string): Promise<void> {
  const names = existsSync(path) ? await readdir(path) : [];
  const own = names.filter((name) =>
    /^(?:[0-9a-f]{2}|[0-9a-f]{64}\.(?:json|pack|page)(?:\.[0-9a-f-]{36})?)$/.test(name),
  );
  await Promise.all(own.map((name) => rm(join(path, name), { recursive: true, force: true })));
  if (names.length > 0 && own.length === names.length) await rmdir(path);
}

function folderOf({ cacheDir }: CacheOptions, host: Host): string {
  return cacheFolder(cacheDir, host) as string;
}

async function onDisk<Result>(folder: string, operation: Promise<Result>): Promise<Result> {
  try {
    return await operation;
  } catch (error) {
    const message = `Cannot read or write the cache "${folder}": ${messageOf(error)}`;
    throw new EnvironmentError("cannot-write", message, { cause: error });
  }
}
