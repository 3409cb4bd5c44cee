import { closeSync, lstatSync, openSync, readSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { EnvironmentError } from "../errors.ts";
import { makeFolder } from "../memory/make-folder.ts";
import { type Disk, realDisk } from "../unpack/disk.ts";
import type { AdmittedArtifact } from "../verdict/verdict.ts";
import type { ChangeOptions } from "./change.ts";
import { lockEnvironment } from "./lock.ts";
import { recover } from "./recover.ts";
import { createSettler, isThere } from "./settle.ts";
import { departedName, makeStage, removeStage } from "./stage-folder.ts";
import { apply, type Journal, type Move } from "./transaction.ts";
import { writing } from "./writing.ts";

/** An admitted artifact on its way into a folder. Only the gate makes the `AdmittedArtifact`. */
export interface KeptArtifact {
  readonly artifact: AdmittedArtifact;
  /** What vouches for it, under the names that the files are to have beside it. */
  readonly documents: readonly KeptDocument[];
}

export interface KeptDocument {
  /** A name without folders. */
  readonly filename: string;
  readonly bytes: Uint8Array;
}

/**
 * Puts artifacts into a folder, each with what vouches for it beside it, in one transaction: all of them arrive or
 * nothing changes, and what a killed command left half done is repaired first. Documents of the same name are replaced;
 * an artifact's name may be taken by the same bytes and by nothing else.
 * @throws EnvironmentError
 */
export async function keepArtifacts(
  kept: readonly KeptArtifact[],
  directory: string,
  { processes, onNotice, disk = realDisk }: ChangeOptions,
): Promise<void> {
  const isNew = !isThere(directory);
  try {
    writing("the folder", () => makeFolder(directory, 0o777));
    const root = createSettler().folder(directory);
    using _lock = await lockEnvironment(root, processes, disk, () =>
      onNotice("Waiting for another process that writes to the folder"),
    );
    for (const repaired of writing("the folder", () => recover(root, (path) => dirname(path) === root, disk)))
      onNotice(repaired);
    const arriving = kept.flatMap((one) => filesOf(one)).filter((file) => !isKept(file, root));
    if (arriving.length === 0) return;
    const stage = writing("the folder", () => makeStage(root, disk));
    writing("the folder", () => stageAll(arriving, stage, disk));
    const names = arriving.map(({ name }) => name);
    apply({ journal: journalOf(names, root, stage), stage, place: "the folder" }, disk);
  } catch (error) {
    if (isNew) removeEmpty(directory);
    throw error;
  }
}

interface KeptFile {
  readonly name: string;
  readonly size: number;
  /** Whether a file of this name is replaced. */
  readonly replaces: boolean;
  chunks(): Iterable<Uint8Array>;
}

/** Pieces in which artifacts are copied, so that memory does not grow with them. */
const chunkLength = 1 << 20;

/** The bytes that were judged are those that are written: they come from the artifact's own open file. */
function filesOf({ artifact: { ref, bytes, size }, documents }: KeptArtifact): KeptFile[] {
  const artifact = {
    name: ref.filename.text,
    size,
    replaces: false,
    *chunks() {
      for (let at = 0; at < size; at += chunkLength) yield bytes.read(at, Math.min(chunkLength, size - at));
    },
  };
  const beside = documents.map((document) => ({
    name: document.filename,
    size: document.bytes.length,
    replaces: true,
    chunks: () => [document.bytes],
  }));
  return [artifact, ...beside];
}

/** Whether the folder has the file already. @throws EnvironmentError `download-conflict` when it has another */
function isKept(file: KeptFile, root: string): boolean {
  const path = join(root, file.name);
  if (!isThere(path)) return false;
  const isFile = lstatSync(path).isFile();
  if (isFile && writing("the folder", () => isSame(file, path))) return true;
  if (isFile && file.replaces) return false;
  throw new EnvironmentError("download-conflict", `"${path}" is there already, and is something else`, {
    hint: "Move it away, or name another folder with -d",
  });
}

function isSame(file: KeptFile, path: string): boolean {
  if (lstatSync(path).size !== file.size) return false;
  const there = openSync(path, "r");
  try {
    for (const chunk of file.chunks()) {
      const own = Buffer.alloc(chunk.length);
      if (readSync(there, own) !== chunk.length || !own.equals(chunk)) return false;
    }
    return true;
  } finally {
    closeSync(there);
  }
}

/** Unlike an environment's, these files have no RECORD to tell whether they are whole: they are forced to the disk. */
function stageAll(files: readonly KeptFile[], stage: string, disk: Disk): void {
  try {
    for (const file of files) {
      const path = join(stage, file.name);
      const output = disk.create(path, 0o666);
      try {
        for (const chunk of file.chunks()) disk.write(output, chunk);
      } finally {
        disk.close(output);
      }
      disk.sync(path);
    }
  } catch (error) {
    removeStage(stage, disk);
    throw error;
  }
}

function journalOf(names: readonly string[], root: string, stage: string): Journal {
  const replaced = names.filter((name) => isThere(join(root, name)));
  const leave = (name: string, at: number): Move => ({
    from: join(root, name),
    to: join(stage, departedName, String(at)),
  });
  const arrive = (name: string): Move => ({ from: join(stage, name), to: join(root, name) });
  return { departures: replaced.map(leave), directories: [], arrivals: names.map(arrive) };
}

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // It is not there, or somebody has put something into it.
  }
}
