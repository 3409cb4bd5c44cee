import type { LockedPackage, LockFile } from "./lock-file.ts";
import type { PlanTarget } from "./select.ts";

/** A lock file with what is wanted of it. */
export interface RequestedLock {
  /** Read when it is first asked for, where `choice` knows of one. */
  readonly lock: LockFile;
  readonly wanted: WantedParts;
  /** The file as the user named it. */
  readonly place: string;
  /** The files, by name, that somebody asked for, where the lock was made for them; otherwise all of them count as such. */
  readonly requested?: ReadonlySet<string>;
  readonly choice?: ChoiceMemory | undefined;
  /** Whether an installer chooses by itself which of the files that fit it takes: then every one of them is planned. */
  readonly everyFittingFile?: boolean;
}

/** Extras and groups by name, or all there are; without any named, the lock's default groups. */
export interface WantedParts {
  readonly extras: readonly string[] | "all";
  readonly groups: readonly string[] | "all" | "default";
}

/** What was chosen before of the very same lock, with the same wanted of it. */
export interface ChoiceMemory {
  recall(target: PlanTarget): readonly LockedPackage[] | undefined;
  /** Never fails: what could not be kept is chosen again. */
  remember(target: PlanTarget, chosen: readonly LockedPackage[]): Promise<void>;
}
