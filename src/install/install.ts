import { existsSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ProjectName } from "../distribution/project-name.ts";
import type { Environment } from "../environment/environment.ts";
import type { DirectUrl, Installed } from "../environment/installed.ts";
import { scanInstalled } from "../environment/scan.ts";
import { ArtifactError, EnvironmentError, messageOf, TspipError } from "../errors.ts";
import type { Receipt } from "../verdict/receipt.ts";
import type { AdmittedArtifact } from "../verdict/verdict.ts";
import { checkConflicts } from "./conflicts.ts";
import { type Disk, realDisk } from "./disk.ts";
import { lockEnvironment, type Processes } from "./lock.ts";
import { filesOf } from "./removal.ts";
import { type AdmittedWheel, planUnpacking, type Unpacking, unpack } from "./stage.ts";
import { apply, type Journal, type Move, recover, removeTree, stagePrefix } from "./transaction.ts";
import { isWorthThreads, unpackInThreads } from "./unpack-threads.ts";

/** One wheel to install. Only the gate makes the `AdmittedArtifact`. */
export interface InstallItem {
  readonly artifact: AdmittedArtifact;
  /** Whether the user named it: then REQUESTED is written. */
  readonly requested: boolean;
  /** For direct references only (PEP 610). */
  readonly directUrl?: DirectUrl;
  readonly receipt: Receipt;
}

export interface InstallOptions {
  readonly processes: Processes;
  /** What is done besides installing: waiting, repairing. */
  readonly onNotice: (text: string) => void;
  readonly disk?: Disk;
  /** How many threads may unpack at once; one by one in this thread when left out. */
  readonly threads?: number;
}

/**
 * Installs all items in one transaction: every file is staged on the same file system, checked against RECORD once
 * more, and moved into place at the end; other versions of the same projects leave in the same step. When anything
 * fails, the environment is as it was.
 * @throws EnvironmentError, ArtifactError
 */
export async function install(
  items: readonly InstallItem[],
  environment: Environment,
  options: InstallOptions,
): Promise<void> {
  const { processes, onNotice, disk = realDisk } = options;
  await makeRoot(environment.root);
  using _lock = await lockEnvironment(environment.root, processes, disk, () =>
    onNotice("Waiting for another process that writes to the environment"),
  );
  for (const repaired of recover(environment.root, disk)) onNotice(repaired);

  const unpackings: Unpacking[] = [];
  for (const item of items) unpackings.push(await planUnpacking(admittedWheel(item), environment));
  const { installed } = await scanInstalled([environment.schemes.purelib, environment.schemes.platlib]);
  const arriving = new Set<ProjectName>(items.map(({ artifact }) => artifact.ref.filename.name));
  const leaving = installed.filter(({ name }) => arriving.has(name));
  const departing = leaving.flatMap(filesOf);
  checkArrivals(
    unpackings,
    new Set(departing),
    installed.filter(({ name }) => !arriving.has(name)),
    environment,
  );

  const stage = await mkdtemp(join(environment.root, stagePrefix));
  const arrivals = await stageAll(
    unpackings,
    stage,
    environment,
    disk,
    options.disk === undefined ? (options.threads ?? 1) : 1,
  );
  apply(journalOf(arrivals, departing, stage), stage, disk);
}

function admittedWheel({ artifact, requested, directUrl, receipt }: InstallItem): AdmittedWheel {
  const { filename } = artifact.ref;
  if (filename.kind !== "wheel")
    throw new ArtifactError("not-a-wheel", `"${filename.text}" is a source distribution, tspip installs wheels`);
  return { filename, bytes: artifact.shared, requested, receipt, ...(directUrl && { directUrl }) };
}

function checkArrivals(
  unpackings: readonly Unpacking[],
  leaving: ReadonlySet<string>,
  staying: readonly Installed[],
  { schemes }: Environment,
): void {
  const arrivals = unpackings.flatMap(({ members, generated, recordDestination, wheel }) =>
    [...[...members, ...generated].map(({ destination }) => destination), recordDestination].map((destination) => ({
      destination,
      distribution: wheel.filename.name,
    })),
  );
  checkConflicts(arrivals, leaving, staying, [...new Set(Object.values(schemes))]);
}

async function stageAll(
  unpackings: readonly Unpacking[],
  stage: string,
  environment: Environment,
  disk: Disk,
  threads: number,
): Promise<Move[]> {
  try {
    disk.makeDirectory(join(stage, "old"));
    const folders = unpackings.map((unpacking, at) => ({ unpacking, folder: join(stage, `new-${at}`) }));
    if (threads > 1 && isWorthThreads(unpackings)) return await unpackInThreads(folders, environment, threads);
    const moves: Move[] = [];
    for (const { unpacking, folder } of folders) moves.push(...(await unpack(unpacking, folder, environment, disk)));
    return moves;
  } catch (error) {
    removeTree(stage, disk);
    if (error instanceof TspipError) throw error;
    throw new EnvironmentError(
      "cannot-write",
      `Cannot write to "${environment.label}", nothing was changed: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function journalOf(arrivals: readonly Move[], departing: readonly string[], stage: string): Journal {
  return {
    arrivals,
    departures: departing.map((from, at) => ({ from, to: join(stage, "old", String(at)) })),
    directories: missingDirectories(arrivals.map(({ to }) => to)),
  };
}

/** The folders that files need and that are not there, parents first. */
function missingDirectories(paths: readonly string[]): string[] {
  const missing = new Set<string>();
  const present = new Set<string>();
  const need = (folder: string) => {
    if (missing.has(folder) || present.has(folder)) return;
    if (existsSync(folder)) {
      present.add(folder);
      return;
    }
    need(dirname(folder));
    missing.add(folder);
  };
  for (const path of paths) need(dirname(path));
  return [...missing];
}

/** `--target` names a folder that need not be there. */
async function makeRoot(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot make "${root}": ${messageOf(error)}`, { cause: error });
  }
}
