import type { ArtifactRef } from "../../distribution/artifact.ts";
import type { ProjectName } from "../../distribution/project-name.ts";
import { parseRequirement } from "../../distribution/requirement.ts";
import { satisfies } from "../../distribution/specifier.ts";
import { TspipError, UsageError } from "../../errors.ts";
import type { GateRequest } from "../../inspect/gate-request.ts";
import { unseenRefusals } from "../../inspect/unseen-refusals.ts";
import type { IndexClient } from "../../package-index/client.ts";
import { pageOf, type WantedFiles } from "../../package-index/page.ts";
import { directRef } from "../../plan/direct.ts";
import { makePlan } from "../../plan/plan.ts";
import type { PlanRequest, RequestedRequirement } from "../../plan/plan-request.ts";
import type { PlannedArtifact } from "../../plan/planned-artifact.ts";
import { selectArtifact } from "../../plan/select.ts";
import { fittingWheels } from "../../plan/wanted-files.ts";
import { type Catalog, createCatalog } from "../../proxy/catalog.ts";
import type { Withheld } from "../../proxy/listing.ts";
import type { Pin } from "../../resolve/engine.ts";
import { applies, askEngine, type ResolveParts } from "./ask-engine.ts";
import { planTarget } from "./target.ts";

/** What was chosen; or what the policy keeps from being chosen, with the engine's words. */
export type ResolvedPlan =
  | { readonly outcome: "resolved"; readonly planned: readonly PlannedArtifact[] }
  | { readonly outcome: "refused"; readonly withheld: readonly Withheld[]; readonly explanation: string };

/**
 * Lets an engine choose versions among what the policy admits by name, age and listing, and plans what it chose. The
 * engine sees a loopback index of ours and nothing else.
 * @throws UsageError `no-resolver`, `resolution-impossible`
 */
export async function resolvePlan(parts: ResolveParts): Promise<ResolvedPlan> {
  const { run, client, target } = parts;
  const { plan } = run.request;
  const asked = plan.requirements.filter((requested) => applies(requested, target));
  const relationOf = relationsOf(asked, parts);
  const refused: Withheld[] = [];
  // While it waits for the first pages, a processor has little to do.
  parts.gate.expectWheels();
  const watching = { refused, onMetadata: judgeAhead(relationOf, parts) };
  const fitting = fittingFiles(parts);
  let catalog = catalogFor(asked, relationOf, fitting, parts);
  let resolution = await askEngine(asked, catalog, watching, parts);
  if (resolution.outcome === "impossible" && refused.length === 0 && fitting.hasLeftOut()) {
    // Why there is none may lie in what does not fit here.
    catalog = catalogFor(asked, relationOf, client, parts);
    resolution = await askEngine(asked, catalog, watching, parts);
  }
  if (resolution.outcome === "impossible") {
    const withheld =
      refused.length > 0 ? refused : spokenOf(await catalog.withheldReleases(), asked, resolution.explanation);
    if (withheld.length > 0) return { outcome: "refused", withheld, explanation: resolution.explanation };
    throw new UsageError("resolution-impossible", `No choice of versions meets the request\n${resolution.explanation}`);
  }
  const offered = async (name: ProjectName) => [pageOf((await catalog.listing(name))?.files().offered ?? [])];
  const pinned = withPins(plan, asked, resolution.pins);
  const planned = await makePlan(pinned, async () => planTarget(target.interpreter), {
    ...client,
    files: offered,
    wantedFiles: offered,
  });
  return { outcome: "resolved", planned };
}

/** Asks for the files that an engine might choose: wheels that fit. It is told to build nothing. */
function fittingFiles({ client, target }: ResolveParts): Pick<IndexClient, "files"> & { hasLeftOut(): boolean } {
  const fits = fittingWheels(planTarget(target.interpreter));
  let hasLeftOut = false;
  const areWanted: WantedFiles = (filenames, isAttested) => {
    const wanted = fits(filenames, isAttested);
    hasLeftOut ||= wanted.includes(false);
    return wanted;
  };
  return { files: (name) => client.wantedFiles(name, areWanted), hasLeftOut: () => hasLeftOut };
}

type RelationOf = (ref: ArtifactRef) => GateRequest["relation"];

function relationsOf(asked: readonly RequestedRequirement[], { run }: ResolveParts): RelationOf {
  const named = new Set([
    ...asked.map(({ requirement }) => requirement.name),
    ...run.request.plan.files.map(({ ref }) => ref.filename.name),
  ]);
  return (ref) => (named.has(ref.filename.name) ? "direct" : "transitive");
}

/** A larger file is fetched when it is chosen: nobody should wait for one that is not. */
const mostBytesAhead = 64 << 20;

/**
 * Fetches and judges, while the engine is at work, the first file of a project whose METADATA it asks for: nearly always
 * it is the one that is chosen. One that is not is no part of the plan, nor of the report.
 */
function judgeAhead(relationOf: RelationOf, { gate, target }: ResolveParts): (ref: ArtifactRef) => void {
  const begun = new Set<ProjectName>();
  const place = planTarget(target.interpreter);
  return (ref) => {
    const { name } = ref.filename;
    const isLarge = ref.size !== undefined && ref.size > mostBytesAhead;
    if (begun.has(name) || isLarge || selectArtifact([ref], place).outcome !== "selected") return;
    begun.add(name);
    // Who plans it asks again, and is told.
    gate.judge([{ ref, relation: relationOf(ref) }]).catch(() => {});
  };
}

/** What the user named by path or URL, also in a constraint, is all there is of its project. */
function catalogFor(
  asked: readonly RequestedRequirement[],
  relationOf: RelationOf,
  source: Pick<IndexClient, "files">,
  { run, target }: ResolveParts,
): Catalog {
  const { policy, request, host } = run;
  const constraints = request.plan.constraints.filter((constraint) => applies(constraint, target));
  const direct = asked.filter(({ requirement }) => requirement.url !== undefined);
  const given = [
    ...request.plan.files.map(({ ref }) => ref),
    ...direct.map((each) => directRef(each, each.pins)),
    ...constraints.flatMap(constrainedRef),
  ];
  const refusal = unseenRefusals(policy.policy, host.now());
  return createCatalog(source, (ref) => refusal({ ref, relation: relationOf(ref) }), { given });
}

/** A constraint that cannot be followed is a mistake when something needs the project: the plan says so then. */
function constrainedRef(constraint: RequestedRequirement): ArtifactRef[] {
  if (constraint.requirement.url === undefined) return [];
  try {
    return [directRef(constraint, constraint.pins)];
  } catch (error) {
    if (error instanceof TspipError) return [];
    throw error;
  }
}

/** The request with every version settled, and with what else is needed. */
function withPins(plan: PlanRequest, asked: readonly RequestedRequirement[], pins: readonly Pin[]): PlanRequest {
  const settled = pins.map(
    ({ name, version }): RequestedRequirement => ({
      requirement: parseRequirement(`${name}==${version.text}`),
      pins: [],
      place: "resolution",
      isDependency: true,
    }),
  );
  const named = new Set([
    ...asked.map(({ requirement }) => requirement.name),
    ...plan.files.map(({ ref }) => ref.filename.name),
  ]);
  const dependencies = settled.filter(({ requirement }) => !named.has(requirement.name));
  return {
    ...plan,
    requirements: [...asked, ...dependencies],
    constraints: [...plan.constraints, ...settled],
  };
}

/** Of each project that the engine speaks of, the newest releases that it might have chosen. */
function spokenOf(
  withheld: readonly Withheld[],
  asked: readonly RequestedRequirement[],
  explanation: string,
): Withheld[] {
  const words = new Set(explanation.toLowerCase().match(/[a-z0-9][a-z0-9._-]*/g));
  const isWanted = ({ name, version }: ArtifactRef["filename"]) =>
    asked.every(({ requirement }) => requirement.name !== name || satisfies(requirement.specifiers, version));
  const candidates = withheld.filter(({ ref: { filename } }) => words.has(filename.name) && isWanted(filename));
  const byProject = Map.groupBy(candidates, ({ ref: { filename } }) => filename.name);
  return [...byProject.values()].flatMap((releases) => releases.slice(0, shownReleases));
}

const shownReleases = 5;
