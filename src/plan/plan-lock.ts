import type { ArtifactRef, PinnedDigest } from "../distribution/artifact.ts";
import { evaluateMarker, type MarkerEnvironment } from "../distribution/marker.ts";
import { satisfies } from "../distribution/specifier.ts";
import { IndexError, UsageError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";
import { isSamePlace } from "../package-index/url.ts";
import { mainGroup } from "./lock/select-by-marker.ts";
import type { LockChoice, LockedFile, LockedPackage, LockFile } from "./lock-file.ts";
import type { PlannedArtifact } from "./planned-artifact.ts";
import { everyFittingFile, type PlanTarget, selectArtifact } from "./select.ts";

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

/** What was chosen before of the very same lock, with the same wanted of it. */
export interface ChoiceMemory {
  recall(target: PlanTarget): readonly LockedPackage[] | undefined;
  /** Never fails: what could not be kept is chosen again. */
  remember(target: PlanTarget, chosen: readonly LockedPackage[]): Promise<void>;
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
  request: RequestedLock,
  target: PlanTarget,
  client: Pick<IndexClient, "files" | "release">,
): Promise<PlannedArtifact[]> {
  const { place, requested, choice } = request;
  const known = choice?.recall(target);
  const chosen = known ?? choosePackages(request, target);
  const plan = request.everyFittingFile === true ? planEveryFile : planLocked;
  const planned = (
    await Promise.all(chosen.map((locked) => plan(locked, placeOf(locked, place), target, client)))
  ).flat();
  // One file may stand in several groups, or once for each extra.
  const byName = new Map<string, PlannedArtifact>();
  for (const artifact of planned) {
    const earlier = byName.get(artifact.ref.filename.text) ?? artifact;
    if (whatIsLocked(earlier) !== whatIsLocked(artifact)) throw lockedTwice(earlier, artifact);
    byName.set(artifact.ref.filename.text, artifact);
  }
  if (known === undefined) await choice?.remember(target, chosen);
  return [...byName].map(([name, artifact]) => ({ ...artifact, requested: requested?.has(name) ?? true }));
}

/** What of the lock is for the target. Packages whose files have URLs are left with the one that fits best. */
function choosePackages(request: RequestedLock, target: PlanTarget): readonly LockedPackage[] {
  const { lock, place } = request;
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
  const selected = selectedPackages(request, target.markers);
  refuseUnsupported(selected, place);
  if (request.everyFittingFile === true) return selected;
  return selected.map((locked) => withChosenFile(locked, placeOf(locked, place), target));
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

function withChosenFile(locked: LockedPackage, place: string, target: PlanTarget): LockedPackage {
  const { requiresPython } = locked;
  if (requiresPython !== undefined && !satisfies(requiresPython, target.pythonVersion)) {
    throw new UsageError(
      "lock-not-for-python",
      `${place}: ${called(locked)} requires Python ${requiresPython.text}, this is ${target.pythonVersion.text}`,
    );
  }
  if (!haveUrls(locked)) return locked;
  const selection = selectArtifact(locked.files, target);
  if (selection.outcome === "none") throw noneFits(locked, place, selection.reasons);
  return { ...locked, files: [selection.ref] };
}

function haveUrls({ files }: LockedPackage): boolean {
  return files.length > 0 && files.every(({ hasUrl }) => hasUrl);
}

async function planLocked(
  locked: LockedPackage,
  place: string,
  target: PlanTarget,
  client: Pick<IndexClient, "files" | "release">,
): Promise<PlannedArtifact[]> {
  const [only] = haveUrls(locked) ? locked.files : [];
  const ref =
    only === undefined ? await selectOnIndex(locked, place, target, client) : await refOf(only, locked, client);
  return [plannedAs(ref, locked, place)];
}

function plannedAs(ref: ArtifactRef, { identities }: LockedPackage, place: string): PlannedArtifact {
  const bound = identities !== undefined && { lockedIdentities: identities };
  return { ref, extras: [], place, requested: true, locked: true, ...bound };
}

/**
 * A file that the index does not list to us, it may well list to the installer.
 * @throws UsageError `no-compatible-file`
 */
async function planEveryFile(
  locked: LockedPackage,
  place: string,
  target: PlanTarget,
  client: Pick<IndexClient, "files" | "release">,
): Promise<PlannedArtifact[]> {
  const selection = selectArtifact(locked.files, target);
  if (selection.outcome === "none") throw noneFits(locked, place, selection.reasons);
  const fitting = everyFittingFile(locked.files, target);
  const offered = fitting.every(({ hasUrl }) => hasUrl) ? [] : await refsOnIndex(locked, client);
  const refs = fitting.map((file) => {
    if (file.hasUrl) return refOf(file, locked, client);
    return offered.find(({ filename }) => filename.text === file.filename.text) ?? notListed(file, locked, place);
  });
  return (await Promise.all(refs)).map((ref) => plannedAs(ref, locked, place));
}

function notListed({ filename }: LockedFile, locked: LockedPackage, place: string): never {
  throw new UsageError(
    "no-compatible-file",
    `${place}: the index does not list "${filename.text}" of ${called(locked)}, which the installer might take`,
    { hint: "Every locked file that fits is judged; have the lock written anew where that one is gone" },
  );
}

async function selectOnIndex(
  locked: LockedPackage,
  place: string,
  target: PlanTarget,
  client: Pick<IndexClient, "files" | "release">,
): Promise<ArtifactRef> {
  const selection = selectArtifact(await refsOnIndex(locked, client), target, locked.pins);
  if (selection.outcome === "none") throw noneFits(locked, place, selection.reasons);
  return selection.ref;
}

function noneFits(locked: LockedPackage, place: string, of: readonly string[]): UsageError {
  const reasons = of.length > 0 ? of : ["the index offers no file that the lock lists"];
  return new UsageError(
    "no-compatible-file",
    `${place}: no file of ${called(locked)} fits the interpreter\n  ${reasons.join("\n  ")}`,
  );
}

/** The file at the URL that the lock has. When it was uploaded is for its index to say. */
async function refOf(
  { filename, pins, details }: LockedFile,
  { index }: LockedPackage,
  client: Pick<IndexClient, "release">,
): Promise<ArtifactRef> {
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
  return index === "unnamed" ? onItsIndex(ref, client) : ref;
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
