import type { ArtifactRef, PinnedDigest } from "../distribution/artifact.ts";
import { evaluateMarker } from "../distribution/marker.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { pinnedVersion, satisfies } from "../distribution/specifier.ts";
import { parseVersion, type Version } from "../distribution/version.ts";
import { UsageError } from "../errors.ts";
import { attestedBefore } from "../package-index/attested-before.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { ProjectPage } from "../package-index/page.ts";
import { shown } from "../package-index/url.ts";
import { directRef } from "./direct.ts";
import { planLock } from "./plan-lock.ts";
import type { PlanRequest, RequestedRequirement } from "./plan-request.ts";
import type { PlannedArtifact } from "./planned-artifact.ts";
import { offeredVersions, type PlanTarget, selectArtifact } from "./select.ts";

/**
 * Turns a request into one artifact a project, in the order asked for. Every requirement must be pinned: an
 * engine chooses versions (`resolve/`).
 * @param askTarget called when there is something to choose; files that the user named are taken as they are
 * @throws UsageError naming the requirement and where it stands
 * @throws IndexError when the index cannot be asked
 */
export async function makePlan(
  request: PlanRequest,
  askTarget: () => Promise<PlanTarget>,
  client: Pick<IndexClient, "files" | "release">,
): Promise<PlannedArtifact[]> {
  for (const { ref, place } of request.requireHashes ? request.files : []) {
    if ((ref.pins ?? []).length === 0) throw hashMissing(ref.filename.text, place);
  }
  const files = request.files.map((file) => ({ ...file, requested: true }));
  const chosen =
    request.requirements.length + request.locks.length === 0 ? [] : await choose(request, await askTarget(), client);
  const planned = await constrained([...files, ...chosen], request.constraints, askTarget);
  return request.severalPerProject ? planned : oncePerProject(planned);
}

/** Constraints hold for what is named by path or URL, and for what is locked, as for what an index offers. */
async function constrained(
  planned: PlannedArtifact[],
  constraints: readonly RequestedRequirement[],
  askTarget: () => Promise<PlanTarget>,
): Promise<PlannedArtifact[]> {
  const names = new Set(planned.map(({ ref }) => ref.filename.name));
  const about = constraints.filter(({ requirement }) => names.has(requirement.name));
  if (about.length === 0) return planned;
  const applying = about.filter(appliesTo(await askTarget()));
  return planned.map((artifact) => {
    const { ref, place } = artifact;
    const { name, version, text } = ref.filename;
    const own = applying.filter(({ requirement }) => requirement.name === name);
    checkAgreement(own, version, { text, place });
    const pins = agreedPins([ref.pins ?? [], ...own.map((each) => each.pins)], name);
    return pins.length === 0 ? artifact : { ...artifact, ref: { ...ref, pins } };
  });
}

async function choose(
  request: PlanRequest,
  target: PlanTarget,
  client: Pick<IndexClient, "files" | "release">,
): Promise<PlannedArtifact[]> {
  const applies = appliesTo(target);
  const wanted = groupByProject(request.requirements.filter(applies));
  const constraints = request.constraints.filter(applies);

  return [
    ...(await Promise.all(
      [...wanted.values()].map((group) => planProject(group, constraints, request, target, client)),
    )),
    ...(await Promise.all(request.locks.map((lock) => planLock(lock, target, client)))).flat(),
  ];
}

function appliesTo({ markers }: Pick<PlanTarget, "markers">): (requested: RequestedRequirement) => boolean {
  return ({ requirement: { marker } }) => marker === undefined || evaluateMarker(marker, markers);
}

function groupByProject(requirements: readonly RequestedRequirement[]): Map<ProjectName, RequestedRequirement[]> {
  return Map.groupBy(requirements, ({ requirement }) => requirement.name);
}

/** All requirements on one project together: one of them pins, the others must agree. */
async function planProject(
  group: readonly RequestedRequirement[],
  constraints: readonly RequestedRequirement[],
  { requireHashes }: PlanRequest,
  target: PlanTarget,
  client: Pick<IndexClient, "files" | "release">,
): Promise<PlannedArtifact> {
  const [first] = group;
  if (first === undefined) throw new RangeError("A group of requirements is never empty");
  const { name } = first.requirement;
  const narrowing = [...group, ...constraints.filter(({ requirement }) => requirement.name === name)];
  const direct = agreedUrl(narrowing);
  const about = {
    extras: [...new Set(group.flatMap(({ requirement }) => requirement.extras))],
    place: direct?.place ?? first.place,
    requested: group.some(({ isDependency }) => isDependency !== true),
  };
  if (direct !== undefined) {
    const { ref, place } = direct;
    checkAgreement(narrowing, ref.filename.version, { text: ref.filename.text, place });
    if (requireHashes && ref.pins?.length === 0) throw hashMissing(ref.filename.text, place);
    return { ...about, ref };
  }
  const pins = agreedPins(
    narrowing.map((requested) => requested.pins),
    name,
  );
  if (requireHashes && pins.length === 0) throw hashMissing(first.requirement.text, first.place);

  const version = agreedVersion(first, narrowing);
  const pages = await client.files(first.requirement.name);
  const files = pages.flatMap((page) => page.files);
  const ofVersion = files.filter(({ filename }) => satisfies(version.specifiers, filename.version));
  const selection = selectArtifact(ofVersion, target, pins);
  if (selection.outcome === "none") throw quarantined(first, pages) ?? noFile(first, selection.reasons, files);
  const attested = attestedBefore(selection.ref, files);
  const known = { ...(pins.length > 0 && { pins }), ...(attested !== undefined && { attestedBefore: attested }) };
  return { ...about, ref: { ...selection.ref, ...known } };
}

function hashMissing(what: string, place: string): UsageError {
  return new UsageError("hash-missing", `${place}: "${what}" has no --hash, and --require-hashes asks for one`, {
    hint: 'Add "--hash=sha256:…" to the requirement',
  });
}

/** The one version all requirements on a project allow. */
function agreedVersion(first: RequestedRequirement, narrowing: readonly RequestedRequirement[]) {
  const pinning = narrowing.find(({ requirement }) => pinnedVersion(requirement.specifiers) !== undefined);
  const pinned = pinning && pinnedVersion(pinning.requirement.specifiers);
  if (pinning === undefined || pinned === undefined) {
    throw new UsageError("not-pinned", `${first.place}: "${first.requirement.text}" is not pinned to one version`, {
      hint: `Write "${first.requirement.name}==VERSION": tspip installs exactly what it is told to`,
    });
  }
  checkAgreement(narrowing, parseVersion(pinned), { text: pinning.requirement.text, place: pinning.place });
  return pinning.requirement;
}

/** @param chosen what has the version, and where it stands */
function checkAgreement(
  narrowing: readonly RequestedRequirement[],
  version: Version,
  chosen: { readonly text: string; readonly place: string },
): void {
  for (const { requirement, place } of narrowing) {
    if (satisfies(requirement.specifiers, version)) continue;
    throw new UsageError(
      "requirements-conflict",
      `${place}: "${requirement.text}" contradicts "${chosen.text}" (${chosen.place})`,
    );
  }
}

/** The one file that is named by URL, with all that is pinned of it; nothing where none is. */
function agreedUrl(narrowing: readonly RequestedRequirement[]): Pick<PlannedArtifact, "ref" | "place"> | undefined {
  const named = narrowing
    .filter(({ requirement }) => requirement.url !== undefined)
    .map((requested) => ({ ref: directRef(requested, requested.pins), place: requested.place }));
  const [first] = named;
  if (first === undefined) return undefined;
  const { filename, url } = first.ref;
  const other = named.find(({ ref }) => ref.url.href !== url.href);
  if (other !== undefined) {
    throw new UsageError(
      "requirements-conflict",
      `${other.place}: "${shown(other.ref.url)}" contradicts "${shown(url)}" (${first.place})`,
    );
  }
  const elsewhere = narrowing.filter(({ requirement }) => requirement.url === undefined);
  const pins = agreedPins(
    [...named.map(({ ref }) => ref.pins ?? []), ...elsewhere.map(({ pins }) => pins)],
    filename.name,
  );
  return { ...first, ref: { ...first.ref, pins } };
}

function quarantined(
  { requirement, place }: RequestedRequirement,
  pages: readonly ProjectPage[],
): UsageError | undefined {
  const marked = pages.find(({ projectStatus }) => projectStatus?.status === "quarantined")?.projectStatus;
  if (marked === undefined) return undefined;
  const why = marked.reason ? `: ${marked.reason}` : "";
  return new UsageError("project-quarantined", `${place}: the index has quarantined "${requirement.name}"${why}`, {
    hint: "Nothing of it is offered while somebody looks into it: do without it, and look at what is installed of it",
  });
}

function noFile(
  { requirement, place }: RequestedRequirement,
  reasons: readonly string[],
  files: readonly ArtifactRef[],
): UsageError {
  if (reasons.length > 0) {
    return new UsageError(
      "no-compatible-file",
      `${place}: no file of "${requirement.text}" fits the interpreter\n  ${reasons.join("\n  ")}`,
      {
        hint: "Pin a version with a wheel for this interpreter, or choose another interpreter with --python",
      },
    );
  }
  const offered = offeredVersions(files).slice(0, 8);
  if (offered.length > 0) {
    return new UsageError("no-such-version", `${place}: the index has no file for "${requirement.text}"`, {
      hint: `Newest versions there: ${offered.join(", ")}`,
    });
  }
  return new UsageError("no-such-project", `${place}: no index has a file of the project "${requirement.name}"`, {
    hint: "Check the name, or name the index with --index-url or --find-links",
  });
}

/** Two inputs may name one project only when they mean the same file. */
/** Two files of one name that the user named: which of them was meant is not for us to choose. */
function isOtherFile({ ref: one }: PlannedArtifact, { ref: other }: PlannedArtifact): boolean {
  return one.source.kind === "direct" && other.source.kind === "direct" && one.url.href !== other.url.href;
}

function oncePerProject(planned: readonly PlannedArtifact[]): PlannedArtifact[] {
  const byName = new Map<ProjectName, PlannedArtifact>();
  for (const artifact of planned) {
    const { name } = artifact.ref.filename;
    const earlier = byName.get(name);
    if (
      earlier !== undefined &&
      (earlier.ref.filename.text !== artifact.ref.filename.text || isOtherFile(earlier, artifact))
    ) {
      throw new UsageError(
        "requirements-conflict",
        `"${name}" is asked for twice: "${earlier.ref.filename.text}" (${earlier.place}) and "${artifact.ref.filename.text}" (${artifact.place})`,
      );
    }
    byName.set(name, earlier === undefined ? artifact : merged(earlier, artifact));
  }
  return [...byName.values()];
}

/** A file named by the user goes before the same file on an index; what both pin must hold. */
function merged(a: PlannedArtifact, b: PlannedArtifact): PlannedArtifact {
  const pins = commonPins(a.ref.pins ?? [], b.ref.pins ?? [], a.ref.filename.name);
  return {
    ...a,
    ref: { ...a.ref, ...(pins.length > 0 && { pins }) },
    ...(b.lockedIdentities && { lockedIdentities: b.lockedIdentities }),
    extras: [...new Set([...a.extras, ...b.extras])],
    requested: a.requested || b.requested,
  };
}

function agreedPins(all: readonly (readonly PinnedDigest[])[], name: ProjectName): readonly PinnedDigest[] {
  return all.reduce((a, b) => commonPins(a, b, name), []);
}

/** As pip has it: several `--hash` of one requirement are alternatives, and two requirements must agree on one. */
function commonPins(
  a: readonly PinnedDigest[],
  b: readonly PinnedDigest[],
  name: ProjectName,
): readonly PinnedDigest[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const common = a.filter((pin) => b.some(({ algorithm, hex }) => algorithm === pin.algorithm && hex === pin.hex));
  if (common.length > 0) return common;
  throw new UsageError("requirements-conflict", `Two requirements pin different hashes for "${name}"`);
}
