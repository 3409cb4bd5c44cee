import type { PinnedDigest } from "../distribution/artifact.ts";
import type { ArtifactFilename } from "../distribution/filename.ts";
import type { Marker, MarkerEnvironment } from "../distribution/marker.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import type { Requirement } from "../distribution/requirement.ts";
import type { SpecifierSet } from "../distribution/specifier.ts";
import type { Version } from "../distribution/version.ts";
import type { PublisherTable } from "../trust/publisher-table.ts";
import type { LockTable } from "./lock/lock-table.ts";

/** What a lock file says, whichever tool wrote it, as far as installing needs it. */
export interface LockFile {
  readonly requiresPython?: SpecifierSet;
  /** Environments the lock is for; one of them must match when there are any. */
  readonly environments: readonly Marker[];
  /** Every package of the lock, for whatever environment; not the project itself. */
  readonly packages: readonly LockedPackage[];
  /** Extras and dependency groups that may be asked for. */
  readonly extras: readonly string[];
  readonly groups: readonly string[];
  /** Groups that are installed unless others are asked for. */
  readonly defaultGroups: readonly string[];
  /** Whether pyproject.toml beside the lock may say that these are others. */
  readonly hasGroupsInProject?: boolean;
  /** The packages to install. */
  readonly select: (choice: LockChoice, environment: MarkerEnvironment) => readonly LockedPackage[];
  /** What the project itself asks for, its extras and groups included; absent where the lock does not say. */
  readonly requests?: () => readonly Requirement[];
}

/** Which of the optional parts of a lock are wanted, besides what is always installed. */
export interface LockChoice {
  readonly extras: readonly string[];
  readonly groups: readonly string[];
}

export interface LockedPackage {
  readonly name: ProjectName;
  readonly version?: Version;
  readonly marker?: Marker;
  readonly requiresPython?: SpecifierSet;
  /** The dependency groups it belongs to, `main` for the project's own; absent when it belongs to all. */
  readonly groups?: readonly string[];
  /** The index the files were found on; `unnamed` where the format says that they are from one, and the lock not from which. */
  readonly index?: URL | "unnamed";
  /** Empty where the lock names no files, only digests: see `pins`. */
  readonly files: readonly LockedFile[];
  /** Digests of files that the lock does not name. */
  readonly pins: readonly PinnedDigest[];
  /** Who had signed files of the package when it was locked (PEP 751); never empty. */
  readonly identities?: readonly PublisherTable[];
  /** What it is locked to instead, when tspip does not install that: `a git repository`. */
  readonly unsupported?: string;
  /**
   * What it needs of other packages, for whatever environment; absent where the lock does not say.
   * @throws UsageError `invalid-lock-file`
   */
  readonly requires?: () => readonly Requirement[];
  /** Where it stands in the lock file, from 1. */
  readonly line?: number;
}

export interface LockedFile {
  readonly filename: ArtifactFilename;
  /** Never empty. */
  readonly pins: readonly PinnedDigest[];
  /** Whether the lock says where the file is; where not, the index is asked. */
  readonly hasUrl: boolean;
  /**
   * Read for the one file that is chosen: a lock has ten times as many, and URLs are what takes time.
   * @throws UsageError `invalid-lock-file`
   */
  readonly details: () => LockedDetails;
}

export interface LockedDetails {
  readonly url?: URL;
  /** Bytes. */
  readonly size?: number;
}

/** Reads one kind of lock file. */
export type LockReader = (root: LockTable, text: string) => LockFile;
