import { evaluateMarker } from "../distribution/evaluate-marker.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { UsageError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";
import { agreedPins, checkAgreement, commonPins } from "./agreement.ts";
import { planLock } from "./plan-lock.ts";
import { hashMissing, planProject } from "./plan-project.ts";
import type { PlanRequest, RequestedRequirement } from "./plan-request.ts";
import type { PlannedArtifact } from "./planned-artifact.ts";
import type { PlanTarget } from "./select.ts";

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
  client: Pick<IndexClient, "files" | "release" | "wantedFiles">,
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
  client: Pick<IndexClient, "files" | "release" | "wantedFiles">,
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

/** Two inputs may name one project only when they mean the same file. */
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

/** Two files of one name that the user named: which of them was meant is not for us to choose. */
function isOtherFile({ ref: one }: PlannedArtifact, { ref: other }: PlannedArtifact): boolean {
  return one.source.kind === "direct" && other.source.kind === "direct" && one.url.href !== other.url.href;
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
