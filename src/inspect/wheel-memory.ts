import { copyFileSync, rmSync } from "node:fs";
import type { WheelFilename } from "../distribution/filename.ts";
import { readSealed, type Seal, writeSealed } from "../memory/sealed-file.ts";
import { keepTree, type LinkMode } from "../memory/tree-store.ts";
import { realDisk } from "../unpack/disk.ts";
import { takeTree } from "../unpack/take-tree.ts";
import type { UnpackedWheel } from "../unpack/unpack-wheel.ts";
import type { UnpackPlaces, WheelInspection } from "./wheel-inspection.ts";

/**
 * What was seen of a wheel, beside its unpacked tree: read again, the same bytes under the same name need no second look.
 * The seal's subject is their SHA-256, and its key this version's and the user's own: what lies in a cache is not believed
 * because it lies there (docs/decisions/0005-installing.md).
 */
interface SeenWheel {
  readonly filename: string;
  readonly evidence: WheelInspection["evidence"];
  readonly unpacked: Omit<UnpackedWheel, "folder">;
}

/** An unpacked wheel that is to be kept. Plain data, for threads. */
export interface KeepTask {
  readonly tree: string;
  readonly place: string;
  readonly mode: LinkMode;
  /** Whether all of its files are there already. */
  readonly isReused: boolean;
}

function memoryBeside(tree: string): string {
  return `${tree}.json`;
}

/** Writes down what was seen, beside the unpacked wheel. */
export function rememberWheel({ text }: WheelFilename, inspection: WheelInspection, seal: Seal): void {
  const { evidence, unpacked } = inspection;
  if (unpacked === undefined || unpacked instanceof Error || !isSound(inspection)) return;
  const { folder, ...rest } = unpacked;
  const seen: SeenWheel = { filename: text, evidence, unpacked: rest };
  tried(() => writeSealed(memoryBeside(folder), JSON.stringify(seen), seal));
}

export function isSound({ evidence }: WheelInspection): boolean {
  return evidence.every(({ outcome }) => outcome === "verified");
}

/** @returns what inspecting the wheel once more would, if that was seen and every file of its tree is as it was */
export function recallWheel({ text }: WheelFilename, places: UnpackPlaces): WheelInspection | undefined {
  const { folder, stored, seal } = places;
  if (stored === undefined || seal === undefined) return undefined;
  const memory = readSealed(memoryBeside(stored.folder), seal);
  if (memory === undefined) return undefined;
  const { filename, evidence, unpacked } = JSON.parse(memory) as SeenWheel;
  if (filename !== text) return undefined;
  const isTaken = tried(() => takeTree(unpacked.members, stored, folder, realDisk));
  if (isTaken === true) return { evidence, unpacked: { ...unpacked, folder }, isKept: true };
  tried(() => rmSync(folder, { recursive: true, force: true }));
  return undefined;
}

/** Keeps for later runs what is in a private folder: the tree where it is not from there, and what was seen of it. */
export function keepWheel({ tree, place, mode, isReused }: KeepTask): void {
  if (!isReused) keepTree(tree, place, mode);
  // One that is cut off, or written by two at once, has no seal that holds.
  tried(() => copyFileSync(memoryBeside(tree), memoryBeside(place)));
}

/** Without memory, everything is done anew; and what the disk has against that, it says then. */
function tried<Result>(step: () => Result): Result | undefined {
  try {
    return step();
  } catch {
    return undefined;
  }
}
