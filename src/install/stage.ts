import { hash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { CompileTask } from "../environment/compiler.ts";
import type { Environment } from "../environment/environment.ts";
import { type Disk, writeWhole } from "../unpack/disk.ts";
import { type UnpackedWheel, unpackedPath } from "../unpack/unpack-wheel.ts";
import { formatReceipt, receiptFilename } from "../verdict/receipt.ts";
import { formatRecord, type RecordRow } from "../wheel/record.ts";
import type { StagedFolder } from "./fold.ts";
import type { InstallItem } from "./install-item.ts";
import { type Place, type PlacedMember, type Placement, placementOf, recordPath } from "./placement.ts";
import { isGenericScript, rewriteShebang, type ScriptInterpreter, scriptFiles, scriptInterpreter } from "./scripts.ts";
import type { Settler } from "./settle.ts";

/** A distribution on its way into an environment: every file it will have there, and where. */
export interface Arriving {
  readonly item: InstallItem;
  readonly members: readonly PlacedMember[];
  /** Members that a generated file takes the place of. */
  readonly replaced: readonly PlacedMember[];
  readonly generated: readonly GeneratedFile[];
  /** Where compiled forms of modules will be, as far as they can be compiled. */
  readonly compiled: readonly CompiledModule[];
  readonly record: Place;
  /** From which the paths in RECORD start. */
  readonly site: string;
}

/** The compiled form of a module (PEP 3147). */
export interface CompiledModule extends Place {
  readonly source: PlacedMember;
}

/** A file that the installer makes: a script, or one of the `.dist-info` files. */
interface GeneratedFile extends Place {
  readonly bytes: Buffer;
  readonly isExecutable: boolean;
}

/**
 * Says which files a wheel will become.
 * @param cacheTag of the interpreter that its modules are to be compiled for, if they are
 */
export function planArrival(
  item: InstallItem,
  { schemes, interpreter }: Environment,
  settler: Settler,
  cacheTag?: string,
): Arriving {
  const placement = placementOf(item.artifact.ref.filename.name, item.unpacked, schemes, settler);
  const generated = [
    ...scripts(item.unpacked, placement, scriptInterpreter(interpreter), schemes.scripts),
    ...metadataFiles(item).map(([name, text]) => file(placement.distInfoFile(name), text)),
  ];
  // A wheel may carry a script that an entry point makes as well: ours is the one installed.
  const made = new Set(generated.map(({ destination }) => destination));
  const { members = [], replaced = [] } = Object.groupBy(placement.members(), ({ destination }) =>
    made.has(destination) ? "replaced" : "members",
  );
  const compiled = cacheTag === undefined ? [] : compiledModules(members, placement, cacheTag);
  const record = placement.distInfoFile("RECORD");
  return { item, members, replaced, generated, compiled, record, site: placement.site };
}

/** Of the modules that can be imported. What a wheel brings compiled is as its RECORD has it. */
function compiledModules(members: readonly PlacedMember[], placement: Placement, cacheTag: string): CompiledModule[] {
  const brought = new Set(members.map(({ destination }) => destination));
  return members.flatMap((source) => {
    const { scheme, path, name } = source;
    if (!(scheme === "purelib" || scheme === "platlib") || !path.endsWith(".py")) return [];
    const compiled = `__pycache__/${basename(name, ".py")}.${cacheTag}.pyc`;
    const place = placement.place(scheme, path.slice(0, -name.length) + compiled);
    return brought.has(place.destination) ? [] : [{ source, ...place }];
  });
}

function scripts(
  { scripts: entryPoints }: UnpackedWheel,
  placement: Placement,
  interpreter: ScriptInterpreter,
  folder: string,
): GeneratedFile[] {
  const files = entryPoints.flatMap((entryPoint) => scriptFiles(entryPoint, interpreter, folder));
  return files.map(({ name, text }) => ({ ...placement.script(name), bytes: Buffer.from(text), isExecutable: true }));
}

/** The files of `.dist-info` that the installer writes, RECORD aside (PyPA: recording installed projects). */
function metadataFiles({ requested, directUrl, receipt }: InstallItem): [name: string, text: string][] {
  return [
    ["INSTALLER", "tspip\n"],
    ...(requested ? [["REQUESTED", ""] as [string, string]] : []),
    ...(directUrl ? [["direct_url.json", JSON.stringify(directUrl)] as [string, string]] : []),
    [receiptFilename, formatReceipt(receipt)],
  ];
}

function file(place: Place, text: string): GeneratedFile {
  return { ...place, bytes: Buffer.from(text), isExecutable: false };
}

/** Every file that will arrive, compiled forms aside. */
export function placesOf({ members, generated, record }: Arriving): (Place & Partial<Pick<PlacedMember, "hash">>)[] {
  return [...members, ...generated, record];
}

/** A distribution whose files are in the stage, all but RECORD. */
export interface Staged extends Arriving {
  /** The folder in the stage. */
  readonly folder: string;
  readonly rows: readonly RecordRow[];
}

/**
 * Takes the folder that the wheel was unpacked into, and makes it what the environment will have: scripts with the
 * interpreter's name, and the generated files.
 * @param folder where the unpacked wheel is to go in the stage
 */
export function stage(arriving: Arriving, folder: string, interpreter: ScriptInterpreter, disk: Disk): Staged {
  const { item, members, replaced, generated, site } = arriving;
  disk.rename(item.unpacked.folder, folder);
  for (const member of replaced) disk.removeFile(unpackedPath(folder, member));
  const rows = members.map((member) => {
    const written =
      member.scheme === "scripts" ? adaptScript(unpackedPath(folder, member), interpreter, disk) : undefined;
    return written === undefined ? rowOfMember(site, member) : newRow(site, member, written);
  });
  for (const { bytes, isExecutable, ...place } of generated) {
    const path = unpackedPath(folder, place);
    makeFolders(dirname(path), disk);
    writeWhole(disk, path, bytes, isExecutable ? 0o777 : 0o666);
    rows.push(newRow(site, place, bytes));
  }
  return { ...arriving, folder, rows };
}

/** What compiling the modules of a staged distribution takes. */
export function compileTasks({ compiled, folder }: Staged): CompileTask[] {
  return compiled.map((module) => ({
    source: unpackedPath(folder, module.source),
    compiled: unpackedPath(folder, module),
    shown: module.source.destination,
  }));
}

/**
 * Writes RECORD, the last file. Compiled forms stand in it without a hash: Python may write them anew.
 * @param shared destinations where a file is already, the same: it stays
 * @returns where the files are, and where they belong
 */
export function seal(staged: Staged, shared: ReadonlySet<string>, disk: Disk): StagedFolder[] {
  const { folder, site, rows, record } = staged;
  const compiled = staged.compiled.filter((module) => existsSync(unpackedPath(folder, module)));
  const unhashed = [...compiled, record].map(({ destination }) => ({ path: recordPath(site, destination) }));
  writeWhole(disk, unpackedPath(folder, record), Buffer.from(formatRecord([...rows, ...unhashed])));
  const coming = [...placesOf(staged), ...compiled].filter(({ destination }) => !shared.has(destination));
  return [...Map.groupBy(coming, (place) => place.folder)].map(([{ scheme, path, destination }, places]) => ({
    tree: join(folder, scheme),
    from: join(folder, scheme, path),
    to: destination,
    names: places.map(({ name }) => name),
  }));
}

function makeFolders(path: string, disk: Disk): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path), disk);
  disk.makeDirectory(path);
}

/** @returns the new contents of a script that begins with `#!python` */
function adaptScript(path: string, interpreter: ScriptInterpreter, disk: Disk): Buffer | undefined {
  // A whole program may lie among the scripts.
  if (!isGenericScript(firstBytes(path, 16))) return undefined;
  const adapted = rewriteShebang(readFileSync(path), interpreter);
  disk.removeFile(path);
  writeWhole(disk, path, adapted, 0o777);
  return adapted;
}

function firstBytes(path: string, length: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/** A member that is as it was unpacked keeps the hash that RECORD had for it. */
function rowOfMember(site: string, { hash, size, destination }: PlacedMember): RecordRow {
  return { path: recordPath(site, destination), size, ...(hash && { hash }) };
}

function newRow(site: string, { destination }: Place, bytes: Buffer): RecordRow {
  return {
    path: recordPath(site, destination),
    hash: { algorithm: "sha256", digest: hash("sha256", bytes, "base64url") },
    size: bytes.length,
  };
}
