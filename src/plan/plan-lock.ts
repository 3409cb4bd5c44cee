import type { ArtifactRef } from "../distribution/artifact.ts";
import { UsageError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";
import { choosePackages, haveUrls } from "./choose-packages.ts";
import type { LockedFile, LockedPackage } from "./lock-file.ts";
import { refOf, refsOnIndex } from "./locked-ref.ts";
import { called, noneFits, placeOf } from "./locked-words.ts";
import type { PlannedArtifact } from "./planned-artifact.ts";
import type { RequestedLock } from "./requested-lock.ts";
import { everyFittingFile, type PlanTarget, selectArtifact } from "./select.ts";

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
    { hint: "Every locked file that fits is judged; if that one is gone, write the lock again" },
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
