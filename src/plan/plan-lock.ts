import type { ArtifactRef, PinnedDigest } from "../distribution/artifact.ts";
import { evaluateMarker, type MarkerEnvironment } from "../distribution/marker.ts";
import { satisfies } from "../distribution/specifier.ts";
import { IndexError, UsageError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";
import { isSamePlace } from "../package-index/url.ts";
import { mainGroup } from "./lock/select-by-marker.ts";
import type { LockChoice, LockedFile, LockedPackage, LockFile } from "./lock-file.ts";
import type { PlannedArtifact, PlanTarget } from "./plan.ts";
import { type Selection, selectArtifact } from "./select.ts";

/** A lock file with what is wanted of it. */
export interface RequestedLock {
  readonly lock: LockFile;
  readonly wanted: WantedParts;
  /** The file as the user named it. */
  readonly place: string;
  /** The files, by name, that somebody asked for, where the lock was made for them; otherwise all of them count as such. */
  readonly requested?: ReadonlySet<string>;
}

/** Extras and groups by name, or all there are; without any named, the lock's default groups. */
export interface WantedParts {
  readonly extras: readonly string[] | "all";
  readonly groups: readonly string[] | "all" | "default";
}

/**
 * The packages of the lock that the target wants, each from the file that fits best (PEP 751, "Installation").
 * @throws UsageError naming the line of the package
 * @throws IndexError when the lock has no URLs and the index cannot be asked
 */
export async function planLock(
  { lock, wanted, place, requested }: RequestedLock,
  target: PlanTarget,
  client: Pick<IndexClient, "files" | "release">,
): Promise<PlannedArtifact[]> {
  const { requiresPython, environments } = lock;
  if (requiresPython !== undefined && !satisfies(requiresPython, target.pythonVersion)) {
    throw new UsageError(
      "lock-not-for-python",
      `${place}: the lock file requires Python ${requiresPython.text}, this is ${target.pythonVersion.text}`,
    );
  }
  if (environments.length > 0 && !environments.some((marker) => evaluateMarker(marker, target.markers))) {
    throw new UsageError("lock-not-for-environment", `${place}: the lock file is for other environments than this one`);
  }
  const selected = selectedPackages({ lock, wanted, place }, target.markers);
  refuseUnsupported(selected, place);
  const planned = await Promise.all(
    selected.map((locked) => planLocked(locked, placeOf(locked, place), target, client)),
  );
  // One file may stand in several groups, or once for each extra.
  const byName = new Map<string, PlannedArtifact>();
  for (const artifact of planned) {
    const earlier = byName.get(artifact.ref.filename.text) ?? artifact;
    if (whatIsLocked(earlier) !== whatIsLocked(artifact)) throw lockedTwice(earlier, artifact);
    byName.set(artifact.ref.filename.text, artifact);
  }
  return [...byName].map(([name, artifact]) => ({ ...artifact, requested: requested?.has(name) ?? true }));
}

function whatIsLocked({ ref: { url, source, pins }, lockedIdentities }: PlannedArtifact): string {
  return JSON.stringify([url, source, pins, lockedIdentities]);
}

/** Which of them an installer takes, nobody knows. */
function lockedTwice({ place, ref }: PlannedArtifact, other: PlannedArtifact): UsageError {
  return new UsageError(
    "invalid-lock-file",
    `${other.place}: "${ref.filename.text}" is locked to another file than at ${place}`,
  );
}

/** What of the lock is wanted there. @throws UsageError `no-such-group` */
export function selectedPackages(
  { lock, wanted, place }: RequestedLock,
  markers: MarkerEnvironment,
): readonly LockedPackage[] {
  return lock.select(chosenParts(lock, wanted, place), markers);
}

function chosenParts(lock: LockFile, wanted: WantedParts, place: string): LockChoice {
  const groups = wanted.groups === "default" ? lock.defaultGroups : wanted.groups;
  return {
    extras: known("extra", wanted.extras, lock.extras, place),
    groups: known("group", groups, groups === "all" ? lock.groups : [mainGroup, ...lock.groups], place),
  };
}

function known(
  kind: "extra" | "group",
  names: readonly string[] | "all",
  there: readonly string[],
  place: string,
): readonly string[] {
  if (names === "all") return there;
  const unknown = names.find((name) => !there.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError("no-such-group", `${place}: the lock file has no ${kind} "${unknown}"`, {
    hint: there.length === 0 ? `It has no ${kind}s` : `It has ${there.join(", ")}`,
  });
}

/** All of them at once: whoever mends a lock wants to know all of it. */
function refuseUnsupported(packages: readonly LockedPackage[], place: string): void {
  const refused = packages.filter(({ unsupported }) => unsupported !== undefined);
  if (refused.length === 0) return;
  const lines = refused.map(
    (locked) => `${placeOf(locked, place)}: ${called(locked)} is locked to ${locked.unsupported}`,
  );
  throw new UsageError(
    "unsupported-lock-entry",
    `tspip installs files that an index, a URL or a path names and a digest pins; the lock file has other things\n  ${lines.join("\n  ")}`,
    { hint: "Build wheels of them and lock those, or leave their group out" },
  );
}

async function planLocked(
  locked: LockedPackage,
  place: string,
  target: PlanTarget,
  client: Pick<IndexClient, "files" | "release">,
): Promise<PlannedArtifact> {
  const { requiresPython } = locked;
  if (requiresPython !== undefined && !satisfies(requiresPython, target.pythonVersion)) {
    throw new UsageError(
      "lock-not-for-python",
      `${place}: ${called(locked)} requires Python ${requiresPython.text}, this is ${target.pythonVersion.text}`,
    );
  }
  const hasUrls = locked.files.length > 0 && locked.files.every(({ hasUrl }) => hasUrl);
  const selection = hasUrls
    ? await selectLocked(locked, target, client)
    : selectArtifact(await refsOnIndex(locked, client), target, locked.pins);
  if (selection.outcome === "selected") {
    const bound = locked.identities !== undefined && { lockedIdentities: locked.identities };
    return { ref: selection.ref, extras: [], place, requested: true, locked: true, ...bound };
  }
  const reasons = selection.reasons.length > 0 ? selection.reasons : ["the index offers no file that the lock lists"];
  throw new UsageError(
    "no-compatible-file",
    `${place}: no file of ${called(locked)} fits the interpreter\n  ${reasons.join("\n  ")}`,
  );
}

/** The choice among the files that the lock lists with their URLs. When they were uploaded is for their index to say. */
async function selectLocked(
  { files, index }: LockedPackage,
  target: PlanTarget,
  client: Pick<IndexClient, "release">,
): Promise<Selection> {
  const selection = selectArtifact(files, target);
  if (selection.outcome === "none") return selection;
  const { filename, pins, details } = selection.ref;
  const { url, size } = details();
  if (url === undefined) throw new RangeError(`The lock has no URL for ${filename.text}`);
  const ref: ArtifactRef = {
    filename,
    url,
    digests: {},
    pins: ofOneFile(pins),
    source: index instanceof URL ? { kind: "index", url: index } : { kind: "direct" },
    provenance: index instanceof URL ? "unasked" : "unknown",
    ...(size !== undefined && { size }),
  };
  return { outcome: "selected", ref: index === "unnamed" ? await onItsIndex(ref, client) : ref };
}

/**
 * The reference as from the index of the settings that lists the file at that URL. Where none does, it comes from the URL;
 * nor does anything else follow where nobody may be asked.
 */
async function onItsIndex(ref: ArtifactRef, client: Pick<IndexClient, "release">): Promise<ArtifactRef> {
  const { filename, url } = ref;
  if (url.protocol === "file:") return ref;
  try {
    const offered = await client.release(filename.name, filename.version);
    const listed = offered.find((file) => file.filename.text === filename.text && isSamePlace(file.url, url));
    return listed?.source.kind === "index" ? { ...ref, source: listed.source, provenance: "unasked" } : ref;
  } catch (error) {
    if (error instanceof IndexError && error.code === "offline") return ref;
    throw error;
  }
}

/** Where the lock has names or digests only, the index says where the files are; the lock says which of them count. */
async function refsOnIndex(
  locked: LockedPackage,
  client: Pick<IndexClient, "files" | "release">,
): Promise<ArtifactRef[]> {
  const { name, version, index, files, pins } = locked;
  const named = index === "unnamed" ? undefined : index;
  const offered =
    version === undefined
      ? (await client.files(name, named)).flatMap((page) => page.files)
      : await client.release(name, version, named);
  const byName = Map.groupBy(files, ({ filename }) => filename.text);
  return offered.flatMap((ref) => {
    const own = files.length === 0 ? pins : pinsOf(byName.get(ref.filename.text) ?? []);
    return own.length === 0 ? [] : [{ ...ref, pins: own }];
  });
}

function pinsOf(files: readonly LockedFile[]): PinnedDigest[] {
  return files.flatMap(({ pins }) => ofOneFile(pins));
}

function ofOneFile(pins: readonly PinnedDigest[]): PinnedDigest[] {
  return pins.map((pin) => ({ by: "lock", ...pin }));
}

function called({ name, version }: LockedPackage): string {
  return version === undefined ? `"${name}"` : `"${name}==${version.text}"`;
}

function placeOf({ line }: LockedPackage, place: string): string {
  return line === undefined ? place : `${place}:${line}`;
}
