import { digestOf } from "../../distribution/digest.ts";
import { parseFilename } from "../../distribution/filename.ts";
import { parseVersion } from "../../distribution/version.ts";
import type { JsonStore } from "../../memory/json-store.ts";
import type { LockedDetails, LockedFile, LockedPackage } from "../../plan/lock-file.ts";
import type { ChoiceMemory, WantedParts } from "../../plan/requested-lock.ts";
import type { PlanTarget } from "../../plan/select.ts";
import { version } from "../version.ts";

/** What was chosen for one target: of the many files of a lock, those few that fit it. */
interface StoredChoice {
  /** The digests of what was read. */
  readonly read: string;
  /** The digest of the target. */
  readonly target: string;
  readonly packages: readonly StoredPackage[];
}

/** A `LockedPackage` as JSON, without what only choosing needs. */
interface StoredPackage extends Pick<LockedPackage, "name" | "pins" | "identities" | "line"> {
  readonly version?: string;
  /** A URL, or `unnamed`. */
  readonly index?: string;
  readonly files: readonly StoredFile[];
}

interface StoredFile extends Pick<LockedFile, "pins" | "hasUrl"> {
  readonly filename: string;
  readonly url?: string;
  readonly size?: number;
}

/** What was chosen from a lock, and whether anything was: where nothing is known, its mistakes have to show first. */
export interface RememberedChoice extends ChoiceMemory {
  readonly isKnown: boolean;
}

/**
 * The last choice from a lock file, so that the lock is neither parsed nor chosen from again while nothing changes. A lock with a
 * mistake comes to no choice, so of one that is known there is nothing to complain about.
 * @param path of the lock: relative paths in it start from there
 * @param texts all that was read for the choice: the lock, and what says more of it
 */
export function rememberedChoice(
  store: JsonStore,
  path: string,
  wanted: WantedParts,
  texts: readonly string[],
): RememberedChoice {
  const key = ["choice", version, path, JSON.stringify(wanted)];
  const read = texts.map((text) => digestOf(text)).join(" ");
  const last = store.get(key) as StoredChoice | undefined;
  const stored = last?.read === read ? last : undefined;
  return {
    isKnown: stored !== undefined,
    recall: (target) => (stored?.target === digestOfTarget(target) ? revived(stored.packages) : undefined),
    async remember(target, chosen) {
      if (chosen.some(holdsCredentials)) return;
      const choice: StoredChoice = { read, target: digestOfTarget(target), packages: chosen.map(toStored) };
      await store.set(key, choice);
    },
  };
}

function digestOfTarget({ tags, pythonVersion, markers }: PlanTarget): string {
  return digestOf(JSON.stringify([tags, pythonVersion.text, markers]));
}

function holdsCredentials({ files }: LockedPackage): boolean {
  const urls = files.flatMap(({ details }) => details().url ?? []);
  return urls.some(({ username, password }) => username !== "" || password !== "");
}

function toStored({ name, version: release, index, files, pins, identities, line }: LockedPackage): StoredPackage {
  return {
    name,
    pins,
    files: files.map(toStoredFile),
    ...(release && { version: release.text }),
    ...(index !== undefined && { index: String(index) }),
    ...(identities && { identities }),
    ...(line !== undefined && { line }),
  };
}

function toStoredFile({ filename, pins, hasUrl, details }: LockedFile): StoredFile {
  const { url, size } = details();
  return { filename: filename.text, pins, hasUrl, ...(url && { url: url.href }), ...(size !== undefined && { size }) };
}

/** Nothing when the stored value is not what `toStored` writes. */
function revived(packages: readonly StoredPackage[]): LockedPackage[] | undefined {
  try {
    return packages.map(fromStored);
  } catch {
    return undefined;
  }
}

function fromStored({ version: release, index, files, ...rest }: StoredPackage): LockedPackage {
  return {
    ...rest,
    files: files.map(fromStoredFile),
    ...(release !== undefined && { version: parseVersion(release) }),
    ...(index !== undefined && { index: index === "unnamed" ? index : new URL(index) }),
  };
}

function fromStoredFile({ filename, url, size, ...rest }: StoredFile): LockedFile {
  const details: LockedDetails = {
    ...(url !== undefined && { url: new URL(url) }),
    ...(size !== undefined && { size }),
  };
  return { ...rest, filename: parseFilename(filename), details: () => details };
}
