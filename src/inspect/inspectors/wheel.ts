import { join } from "node:path";
import type { Artifact, ArtifactRef } from "../../distribution/artifact.ts";
import type { SharedBytes } from "../../distribution/byte-source.ts";
import type { WheelFilename } from "../../distribution/filename.ts";
import { EnvironmentError } from "../../errors.ts";
import type { LinkMode, TreeStore } from "../../memory/tree-store.ts";
import { createPool, type Pool, threadScript } from "../../threads/pool.ts";
import { nothingTaken, type Taken } from "../../threads/untaken.ts";
import type { UnpackedWheel } from "../../unpack/unpack-wheel.ts";
import type { DistInspector } from "../inspector.ts";
import type { UnpackPlaces, WheelInspection } from "../wheel-inspection.ts";
import { isSound, type KeepTask, keepWheel, rememberWheel } from "../wheel-memory.ts";

/** One wheel for a thread to inspect, or an unpacked one to be kept; see wheel-thread.ts. */
export type WheelTask = InspectTask | KeepTask;

interface InspectTask {
  readonly bytes: SharedBytes;
  readonly filename: WheelFilename;
  readonly places: UnpackPlaces | undefined;
  /** Given when several threads unpack it together: how many of its members are. */
  readonly taken?: Taken;
}

/** Where wheels are unpacked while they are inspected, so that installing needs no second pass. */
export interface Unpacking {
  /** A private folder. */
  readonly quarantine: string;
  /** Unpacked wheels of earlier runs. */
  readonly trees?: TreeStore | undefined;
  readonly linkMode: LinkMode;
  /** Started before; they end with the inspector. */
  readonly threads?: WheelThreads | undefined;
}

export type WheelThreads = Pool<WheelTask, WheelInspection | undefined>;

/** Checks archive, identity and RECORD of wheels; large ones on other threads. Disposing ends those. */
export interface WheelInspector extends DistInspector, AsyncDisposable {
  /** Some are surely coming: the threads for them start. */
  expect(): void;
  /**
   * A wheel as it was unpacked while it was inspected.
   * @throws EnvironmentError `cannot-write` when it could not be
   */
  unpacked(artifact: Artifact): UnpackedWheel;
  /**
   * Keeps wheels as they were unpacked for later runs; for admitted ones, before they are installed. Nothing is to be
   * inspected afterwards: the memory of threads is free again.
   * @returns those that were kept before, and not as they are kept now
   */
  keep(artifacts: readonly Artifact[]): Promise<readonly Artifact[]>;
}

/** What is larger is inspected, or kept, in threads; starting one takes as long as this many bytes. */
const worthThread = 1 << 20;

/** For each such piece of a wheel one thread more is worth its reading the archive too, if it has nothing else to do. */
const worthSharing = 2 << 20;
/** So many wheels to unpack are worth threads however small they are; these start while the first wheels are still fetched. */
const worthThreads = 12;

/** Threads for wheels that are here already, where so many are worth them: they start while other things are asked. */
export function threadsForFiles(files: number, threads: number): WheelThreads | undefined {
  return files >= worthThreads && threads > 1 ? createWheelThreads(threads) : undefined;
}

function createWheelThreads(threads: number): WheelThreads {
  return createPool(threadScript("../wheel-thread", import.meta.url), threads);
}

export function wheelInspector(threads: number, unpacking?: Unpacking): WheelInspector {
  let pool = unpacking?.threads;
  let count = 0;
  let announced = 0;
  const results = new Map<ArtifactRef, WheelInspection>();

  const inspect = async (filename: WheelFilename, { bytes, shared, size }: Artifact, places?: UnpackPlaces) => {
    const isLittle = size < worthThread && (pool === undefined || unpacking === undefined);
    if (threads < 2 || isLittle) return (await import("../inspect-wheel.ts")).inspectWheel(bytes, filename, places);
    const task = { bytes: shared, filename, places };
    // One that was unpacked before is placed without being read.
    const isShared = size >= worthSharing && places?.stored === undefined;
    return isShared ? inspectTogether(task, size) : inspectAlone(task);
  };
  const inspectAlone = async (task: InspectTask) => (await startThreads().run(task)) as WheelInspection;
  const inspectTogether = async (task: InspectTask, size: number): Promise<WheelInspection> => {
    const shared = startThreads().share({ ...task, taken: nothingTaken() }, Math.floor(size / worthSharing) + 1);
    const parts = (await shared) as WheelInspection[];
    // What several found wrong, one finds again, all of it and in its order.
    if (!parts.every(isSound)) return inspectAlone({ ...task, places: undefined });
    const inspection = parts.find(({ unpacked }) => unpacked instanceof Error) ?? (parts[0] as WheelInspection);
    const { filename, places } = task;
    if (places?.seal !== undefined) rememberWheel(filename, inspection, places.seal);
    return inspection;
  };
  const startThreads = () => {
    pool ??= createWheelThreads(threads);
    return pool;
  };
  const expect = () => {
    if (unpacking !== undefined && threads > 1) startThreads();
  };
  return {
    name: "wheel",
    expect,
    async pre_download({ filename }) {
      if (filename.kind === "wheel" && ++announced === worthThreads) expect();
      return [];
    },
    async pre_extract(artifact) {
      const { filename } = artifact.ref;
      if (filename.kind !== "wheel") return [];
      const inspection = await inspect(filename, artifact, unpacking && placesFor(artifact, unpacking, count++));
      results.set(artifact.ref, inspection);
      return inspection.evidence;
    },
    unpacked({ ref }) {
      const unpacked = results.get(ref)?.unpacked;
      if (unpacked !== undefined && !(unpacked instanceof Error)) return unpacked;
      const message = `Cannot unpack "${ref.filename.text}": ${unpacked?.message ?? "there is no quarantine"}`;
      throw new EnvironmentError("cannot-write", message, { cause: unpacked });
    },
    async keep(artifacts) {
      const altered = artifacts.filter(({ ref }) => results.get(ref)?.isReused === false);
      if (unpacking?.trees !== undefined) await keepIn(unpacking.trees, unpacking.linkMode, artifacts);
      await endThreads();
      return altered;
    },
    [Symbol.asyncDispose]: endThreads,
  };

  async function keepIn(trees: TreeStore, linkMode: LinkMode, artifacts: readonly Artifact[]): Promise<void> {
    const fresh = artifacts.flatMap(({ ref, digests, size, isUnchanged }) => {
      const { unpacked, isReused = false, isKept = false } = results.get(ref) ?? {};
      // What lay where the user may write to it is no source for later runs: the next one takes a copy.
      if (isUnchanged !== undefined) {
        if (!isReused && !isKept) trees.discard(digests.sha256);
        return [];
      }
      if (unpacked === undefined || unpacked instanceof Error || isKept) return [];
      return [{ size, tree: unpacked.folder, place: trees.place(digests.sha256), mode: linkMode, isReused }];
    });
    if (fresh.length > 0) trees.key?.save();
    // Threads get the large ones first, so that they end together.
    const tasks = fresh.sort((a, b) => b.size - a.size).map(({ size, ...task }) => task);
    const isLittle = pool === undefined && fresh.reduce((sum, { size }) => sum + size, 0) < worthThread;
    if (threads < 2 || isLittle) for (const task of tasks) keepWheel(task);
    else await Promise.all(tasks.map((task) => startThreads().run(task)));
  }

  async function endThreads(): Promise<void> {
    const ending = pool;
    pool = undefined;
    await ending?.[Symbol.asyncDispose]();
  }
}

function placesFor({ digests }: Artifact, { quarantine, trees, linkMode }: Unpacking, count: number): UnpackPlaces {
  const stored = trees?.find(digests.sha256);
  return {
    folder: join(quarantine, String(count)),
    ...(trees?.key && { seal: { key: trees.key.bytes, subject: digests.sha256 } }),
    ...(stored !== undefined && { stored: { folder: stored, hardLinks: linkMode === "hardlink" } }),
  };
}
