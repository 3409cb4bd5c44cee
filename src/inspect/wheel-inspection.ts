import type { Seal } from "../memory/sealed-file.ts";
import type { StoredTree } from "../unpack/stored-tree.ts";
import type { UnpackedWheel } from "../unpack/unpack-wheel.ts";
import type { ArchiveEvidence, RecordEvidence } from "../verdict/evidence.ts";

/** What was seen of a wheel. */
export interface WheelInspection {
  readonly evidence: readonly (ArchiveEvidence | RecordEvidence)[];
  /** The wheel in the folder that was given, or why it could not be written there: it may be sound all the same. */
  readonly unpacked?: UnpackedWheel | Error;
  /** Whether every file in the folder came from the stored tree, where there is one. */
  readonly isReused?: boolean;
  /** Whether that is so, and what was seen is remembered beside the tree. */
  readonly isKept?: boolean;
}

/** Where a wheel is to be unpacked, and where it may have been unpacked before. */
export interface UnpackPlaces {
  readonly folder: string;
  readonly stored?: StoredTree | undefined;
  /** Given when what is seen is to be remembered. */
  readonly seal?: Seal | undefined;
}
