import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import type { PinnedDigest } from "../../distribution/artifact.ts";
import type { Digests } from "../../distribution/digest.ts";
import { evaluateMarker } from "../../distribution/evaluate-marker.ts";
import type { MarkerEnvironment } from "../../distribution/marker.ts";
import { withoutEnvironment } from "../../distribution/marker-of-extras.ts";
import type { ProjectName } from "../../distribution/project-name.ts";
import type { Requirement } from "../../distribution/requirement.ts";
import { pinnedVersion, satisfies } from "../../distribution/specifier.ts";
import { ArtifactError, messageOf } from "../../errors.ts";
import { selectedPackages } from "../../plan/choose-packages.ts";
import type { LockedPackage } from "../../plan/lock-file.ts";
import type { PlanRequest, RequestedFile, RequestedRequirement } from "../../plan/plan-request.ts";
import type { RequestedLock } from "../../plan/requested-lock.ts";
import type { Archive, Described, InstalledDistribution } from "../../sbom/installed-distribution.ts";
import { openShared } from "../../threads/shared-bytes.ts";
import { bytesToRead } from "../../wheel/archive.ts";
import { readDistInfo } from "../../wheel/dist-info.ts";
import { openArchive } from "../../wheel/open-archive.ts";
import { longestText, type SbomDetails } from "./sbom-details.ts";

/**
 * What was asked for in another way than by an environment: wheels are opened, requirements and lock files are taken by
 * their word. Nothing is resolved or downloaded.
 * @param target the environment that locked packages and their dependencies are taken for; all of them without one
 * @throws ArtifactError when a wheel cannot be read
 */
export async function describedDistributions(
  { files, requirements, locks }: PlanRequest,
  details: SbomDetails,
  target: MarkerEnvironment | undefined,
): Promise<InstalledDistribution[]> {
  return [
    ...(await Promise.all(files.map((file) => fileDistribution(file, details)))),
    ...requirements.map(requiredDistribution),
    ...locks.flatMap((requested) => lockedDistributions(requested, target)),
  ];
}

async function fileDistribution({ ref, place }: RequestedFile, details: SbomDetails): Promise<InstalledDistribution> {
  const { filename, url } = ref;
  const path = fileURLToPath(url);
  const archives = [{ filename: filename.text, digests: { sha256: await digestOfFile(path) } }];
  const plain = describe(filename.name, filename.version.text, place, { from: "wheel", archives });
  if (filename.kind !== "wheel") return plain;
  const descriptor = openSync(path, "r");
  try {
    const archive = openArchive(openShared({ kind: "file", descriptor, size: fstatSync(descriptor).size }));
    const { directory, metadata, record } = readDistInfo(archive, filename);
    const below = (name: string) =>
      archive.entries
        .filter((entry) => entry.path.startsWith(`${directory}/${name}/`) && bytesToRead(entry) <= longestText)
        .filter((entry) => !entry.path.endsWith("/"))
        .map((entry) => ({
          path: entry.path.slice(directory.length + 1),
          text: archive.read(entry).toString("utf8"),
        }));
    return {
      ...plain,
      version: metadata.version,
      metadata,
      nested: below("sboms"),
      ...(details.licenseTexts && { licenseTexts: below("licenses") }),
      ...(details.files && { files: record }),
    };
  } finally {
    closeSync(descriptor);
  }
}

/** @throws ArtifactError `artifact-unreadable` */
async function digestOfFile(path: string): Promise<string> {
  const digest = createHash("sha256");
  try {
    await pipeline(createReadStream(path), digest);
  } catch (error) {
    throw new ArtifactError("artifact-unreadable", `Cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
  return digest.digest("hex");
}

/** A requirement that leaves the version open is a component without one. */
function requiredDistribution({ requirement, pins, place }: RequestedRequirement): InstalledDistribution {
  const { name, specifiers, url } = requirement;
  const archives = pins.length > 0 || url !== undefined ? [{ ...(url && { url }), digests: digestsOf(pins) }] : [];
  return describe(name, pinnedVersion(specifiers) ?? "", place, { from: "requirements", archives });
}

/** A lock has a package more than once where groups or extras have it; it is one component. */
function lockedDistributions(requested: RequestedLock, target: MarkerEnvironment | undefined): InstalledDistribution[] {
  const { lock, place } = requested;
  const requests = lock.requests?.();
  const packages = target === undefined ? lock.packages : selectedPackages(requested, target);
  const same = Map.groupBy(packages, lockedIdentity);
  return [...same.values()].flatMap((packages) => {
    const [locked] = packages;
    if (locked === undefined) return [];
    const { name, version, line, requires } = locked;
    const at = line === undefined ? place : `${place}:${line}`;
    const plain = describe(name, version?.text ?? "", at, { from: "lock", archives: lockedArchives(locked) });
    if (requires === undefined) return plain;
    const requiresDist = packages.flatMap((each) => each.requires?.() ?? []).map((each) => forTarget(each, target));
    const asked = requests?.filter((request) => asksFor(request, locked, target)) ?? [];
    return {
      ...plain,
      metadata: { ...plain.metadata, requiresDist },
      requested: asked.length > 0,
      extras: asked.flatMap(({ extras }) => extras),
    };
  });
}

function lockedIdentity({ name, version, files, pins, unsupported }: LockedPackage): string {
  const digests = [...files.flatMap((file) => file.pins), ...pins].map(({ hex }) => hex);
  return JSON.stringify([name, version?.text, unsupported, digests.sort()]);
}

/** Without a target, a requirement that holds anywhere holds. */
function forTarget({ marker, ...requirement }: Requirement, target: MarkerEnvironment | undefined): Requirement {
  const left = marker && target === undefined ? withoutEnvironment(marker) : marker;
  return { ...requirement, ...(left && { marker: left }) };
}

function asksFor(request: Requirement, { name, version }: LockedPackage, target: MarkerEnvironment | undefined) {
  if (request.name !== name) return false;
  if (target !== undefined && request.marker !== undefined && !evaluateMarker(request.marker, target)) return false;
  return version === undefined || satisfies(request.specifiers, version);
}

function lockedArchives({ files }: LockedPackage): Archive[] {
  return files.map(({ filename, pins, details }) => {
    const { url } = details();
    return { filename: filename.text, ...(url && { url: url.href }), digests: digestsOf(pins) };
  });
}

/** One digest by each algorithm; of several files that one name may stand for, none. */
function digestsOf(pins: readonly PinnedDigest[]): Digests {
  const byAlgorithm = Map.groupBy(pins, ({ algorithm }) => algorithm);
  const single = [...byAlgorithm].flatMap(([algorithm, [pin, ...others]]) =>
    pin === undefined || others.length > 0 ? [] : [[algorithm, pin.hex]],
  );
  return Object.fromEntries(single);
}

function describe(
  name: ProjectName,
  version: string,
  place: string,
  described: Pick<Described, "from" | "archives">,
): InstalledDistribution {
  const none = { licenseFiles: [], classifiers: [], projectUrls: [], requiresDist: [], providesExtra: [] };
  const metadata = { ...none, metadataVersion: "2.1", name, version };
  return { name, version, distInfo: place, metadata, requested: true, ...described };
}
