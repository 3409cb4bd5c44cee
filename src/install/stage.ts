import { hash } from "node:crypto";
import { join } from "node:path";
import type { SharedBytes } from "../distribution/byte-source.ts";
import type { WheelFilename } from "../distribution/filename.ts";
import type { Environment } from "../environment/environment.ts";
import { ArtifactError } from "../errors.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { formatReceipt, receiptFilename } from "../verdict/receipt.ts";
import { type Archive, openArchive } from "../wheel/archive.ts";
import { checkRecord, type MemberSink } from "../wheel/check-record.ts";
import { type DistInfo, readDistInfo } from "../wheel/dist-info.ts";
import { formatRecord, type RecordRow } from "../wheel/record.ts";
import { type Disk, writeWhole } from "./disk.ts";
import type { InstallItem } from "./install.ts";
import { type PlacedMember, placeMembers, recordPath, siteOf } from "./placement.ts";
import { launcher, rewriteShebang } from "./scripts.ts";
import type { Move } from "./transaction.ts";

/** A wheel that was admitted, as far as unpacking needs it: data that may cross to another thread. */
export interface AdmittedWheel extends Pick<InstallItem, "requested" | "directUrl" | "receipt"> {
  readonly filename: WheelFilename;
  readonly bytes: SharedBytes;
}

/** A distribution of the plan, with every path it will have. Nothing is written yet. */
export interface Unpacking {
  readonly wheel: AdmittedWheel;
  readonly archive: Archive;
  readonly distInfo: DistInfo;
  readonly members: readonly PlacedMember[];
  readonly generated: readonly GeneratedFile[];
  /** Absolute: where RECORD goes. */
  readonly recordDestination: string;
  readonly site: string;
}

/** A file that the installer makes: a script, or one of the `.dist-info` files. */
interface GeneratedFile {
  readonly destination: string;
  readonly bytes: Buffer;
  readonly isExecutable: boolean;
}

/** Reads a wheel again and says which files it will become. */
export async function planUnpacking(wheel: AdmittedWheel, environment: Environment): Promise<Unpacking> {
  const archive = await openArchive(openShared(wheel.bytes));
  const distInfo = readDistInfo(archive, wheel.filename);
  const site = siteOf(distInfo, environment.schemes);
  const inDistInfo = (name: string) => join(site, distInfo.directory, name);
  const generated = [
    ...scripts(distInfo, environment),
    ...metadataFiles(wheel).map(([name, text]) => file(inDistInfo(name), text)),
  ];
  const made = new Set(generated.map(({ destination }) => destination));
  // A wheel may carry an INSTALLER of its own, or a script that an entry point makes as well: ours is the one installed.
  const members = placeMembers(distInfo, archive.entries, environment).filter(
    ({ destination }) => !made.has(destination),
  );
  return { wheel, archive, distInfo, members, generated, site, recordDestination: inDistInfo("RECORD") };
}

function scripts({ scripts: entryPoints }: DistInfo, { schemes, interpreter }: Environment): GeneratedFile[] {
  return entryPoints.map((entryPoint) => ({
    destination: join(schemes.scripts, entryPoint.name),
    bytes: Buffer.from(launcher(entryPoint, interpreter.executable)),
    isExecutable: true,
  }));
}

/** PyPA: recording installed projects. REQUESTED and direct_url.json only where they say something. */
function metadataFiles({ requested, directUrl, receipt }: AdmittedWheel): [name: string, text: string][] {
  return [
    ["INSTALLER", "tspip\n"],
    ...(requested ? [["REQUESTED", ""] as [string, string]] : []),
    ...(directUrl === undefined ? [] : [["direct_url.json", JSON.stringify(directUrl)] as [string, string]]),
    [receiptFilename, formatReceipt(receipt)],
  ];
}

function file(destination: string, text: string): GeneratedFile {
  return { destination, bytes: Buffer.from(text), isExecutable: false };
}

/**
 * Writes a distribution's files into the stage, each under a number, checking every member against RECORD once more on
 * the way. RECORD comes last.
 * @returns where each file is to go
 * @throws ArtifactError when the bytes are no longer those that were admitted
 */
export async function unpack(
  unpacking: Unpacking,
  stage: string,
  environment: Environment,
  disk: Disk,
): Promise<Move[]> {
  const { archive, distInfo, members, generated, site, recordDestination } = unpacking;
  const moves: Move[] = [];
  const rows: RecordRow[] = [];
  const placed = new Map(members.map((member) => [member.entry, member]));
  const hashes = new Map(distInfo.record.map((row) => [row.path, row]));
  disk.makeDirectory(stage);

  const arrive = (destination: string) => {
    const from = join(stage, String(moves.length));
    moves.push({ from, to: destination });
    return from;
  };
  const write = (destination: string, bytes: Buffer, isExecutable: boolean) => {
    writeWhole(disk, arrive(destination), bytes, isExecutable ? 0o777 : 0o666);
  };
  /** A member that was written as it is keeps the hash that RECORD had for it. */
  const keepRow = ({ entry, destination }: PlacedMember) => {
    const row = hashes.get(entry.path);
    rows.push({ ...row, path: recordPath(site, destination), size: entry.size });
  };

  const sink: MemberSink = {
    member(entry, bytes) {
      const member = placed.get(entry);
      if (member === undefined) return;
      const isScript = member.scheme === "scripts";
      const written = isScript ? rewriteShebang(bytes, environment.interpreter.executable) : bytes;
      write(member.destination, written, isScript || entry.isExecutable);
      if (written === bytes) keepRow(member);
      else rows.push(newRow(site, member.destination, written));
    },
    open(entry) {
      const member = placed.get(entry);
      if (member === undefined) return { write() {}, close() {} };
      const output = disk.create(arrive(member.destination), entry.isExecutable ? 0o777 : 0o666);
      return {
        write: (chunk) => disk.write(output, chunk),
        close(matches) {
          disk.close(output);
          if (matches) keepRow(member);
        },
      };
    },
  };
  const [problem] = await checkRecord(archive, distInfo, sink);
  if (problem !== undefined)
    throw new ArtifactError(problem.id, `${problem.message}: the file changed after it was admitted`);

  for (const { destination, bytes, isExecutable } of generated) {
    write(destination, bytes, isExecutable);
    rows.push(newRow(site, destination, bytes));
  }
  rows.push({ path: recordPath(site, recordDestination) });
  write(recordDestination, Buffer.from(formatRecord(rows)), false);
  return moves;
}

function newRow(site: string, destination: string, bytes: Buffer): RecordRow {
  return {
    path: recordPath(site, destination),
    hash: { algorithm: "sha256", digest: hash("sha256", bytes, "base64url") },
    size: bytes.length,
  };
}
