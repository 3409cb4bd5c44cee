import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { fromBufferPromise } from "yauzl";
import { digestOf } from "../distribution/digest.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { temporaryFolder } from "./tree.ts";

/** What a reader makes of an archive: the SHA-256 of each member that is no folder by its name, or why it refuses. */
export type Reading =
  | { readonly members: Readonly<Record<string, string>>; readonly refusal?: never }
  | { readonly refusal: string; readonly members?: never };

/** Our own reading: every member inflated, size and CRC checked. */
export async function ownReading(bytes: Buffer): Promise<Reading> {
  return answer(() => {
    const archive = openArchive(openShared({ kind: "memory", bytes }));
    return archive.entries.map((entry) => [entry.path, archive.read(entry)]);
  });
}

/** @zip.js/zip.js, which has a mode for archives that other tools could read in another way. */
export async function zipJsReading(bytes: Buffer): Promise<Reading> {
  return answer(async () => {
    const reader = new ZipReader(new Uint8ArrayReader(bytes), {
      strictness: "strict",
      filenameValidation: "tolerant",
      checkSignature: true,
      useWebWorkers: false,
    });
    const members: [string, Uint8Array][] = [];
    for (const entry of await reader.getEntries()) {
      if (!entry.directory) members.push([entry.filename, await entry.getData(new Uint8ArrayWriter())]);
    }
    return members;
  });
}

/** yauzl, which goes by the number of entries. */
export async function yauzlReading(bytes: Buffer): Promise<Reading> {
  return answer(async () => {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true, decodeStrings: true });
    const members: [string, Uint8Array][] = [];
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith("/"))
        members.push([entry.fileName, await buffer(await zip.openReadStreamPromise(entry))]);
    }
    return members;
  });
}

async function answer(read: () => [string, Uint8Array][] | Promise<[string, Uint8Array][]>): Promise<Reading> {
  try {
    return { members: Object.fromEntries((await read()).map(([path, bytes]) => [path, digestOf(bytes)])) };
  } catch (error) {
    return { refusal: String(error) };
  }
}

/** Python's zipfile, one process for all archives; nothing when there is no python3 on PATH. */
export function zipfileReadings(archives: readonly Buffer[]): Reading[] | undefined {
  using folder = temporaryFolder();
  const paths = archives.map((bytes, at) => {
    const path = join(folder.path, `${at}.zip`);
    writeFileSync(path, bytes);
    return path;
  });
  const script = fileURLToPath(new URL("zip-oracle.py", import.meta.url));
  const { error, status, stdout, stderr } = spawnSync("python3", [script], {
    input: paths.join("\n"),
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return undefined;
  if (error !== undefined || status !== 0) throw error ?? new Error(stderr);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
