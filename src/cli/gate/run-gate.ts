import { UsageError } from "../../errors.ts";
import type { GateRequest, Judged } from "../../inspect/gate-request.ts";
import type { Unpacking } from "../../inspect/inspectors/wheel.ts";
import type { IndexClient } from "../../package-index/client.ts";
import type { InPlace } from "../../package-index/local-file.ts";
import { createRoom } from "../../package-index/room.ts";
import { makePlan } from "../../plan/plan.ts";
import { isPinned, isSettled, type PlanRequest } from "../../plan/plan-request.ts";
import type { PlannedArtifact } from "../../plan/planned-artifact.ts";
import type { Withheld } from "../../proxy/listing.ts";
import type { TakenBundle } from "../bundle/taken-bundle.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { once } from "../once.ts";
import { parseFormats } from "../report/format.ts";
import { artifactStore, makeNamedCache } from "../settings/cache-folder.ts";
import { allowExpired, policyFor } from "../settings/policy-in-force.ts";
import { withLog } from "../talk-log.ts";
import { createTalk } from "../terminal.ts";
import type { WishesOf } from "./dependencies.ts";
import type { GateRun, GateTarget } from "./gate-run.ts";
import { type GateSession, openGate } from "./gate-session.ts";
import { openIndexClient } from "./index-client.ts";
import { type ListedRelease, listedRelease } from "./listed-release.ts";
import { lockMemory } from "./look-only.ts";
import { type ReadOptions, readRequest } from "./request.ts";
import { planTarget } from "./target.ts";

/**
 * Reads everything that the user gave: options, policy, requirements.
 * @throws UsageError, PolicyFileError before any network access
 */
export async function prepareGate(
  words: readonly string[],
  options: GateOptions,
  host: Host,
  { byDigest = false, bundle, ...reading }: PrepareOptions = {},
): Promise<GateRun> {
  const destinations = parseFormats(options.format ?? []);
  if (bundle === undefined) makeNamedCache(options.cacheDir, host);
  const policy = bundle === undefined ? await policyFor(options, host) : allowExpired(bundle.policy, options);
  const talk = withLog(createTalk(options, host), options.log, host);
  const memory = byDigest ? lockMemory(options, talk, host) : undefined;
  const request = await readRequest(words, options, host, { ...reading, otherwise: bundle?.request, memory });
  if (bundle !== undefined) (await import("../bundle/given-bundle.ts")).checkFilesAlone(request.indexOptions);
  return { options, destinations, policy, request, talk, host, memory, bundle };
}

interface PrepareOptions extends Pick<ReadOptions, "severalPerProject" | "everyFittingFile"> {
  /** Whether the digests of a lock file may be judged in place of bytes. */
  readonly byDigest?: boolean;
  /** See GateRun. */
  readonly bundle?: TakenBundle | undefined;
}

/** Bytes of downloads that no cache keeps: what is beyond lies in files meanwhile. */
const mostInMemory = 64 << 20;

/** A plan and its verdicts. Disposing closes connections and files. */
export interface JudgedRequest
  extends AsyncDisposable,
    Verdicts,
    ListedRelease,
    Pick<GateSession, "unpacked" | "keepTrees" | "letGo" | "vouching"> {}

interface Verdicts {
  readonly planned: readonly PlannedArtifact[];
  /** In the same order. */
  readonly judged: readonly Judged[];
}

/**
 * Plans the request, passes it through the gate and asks that nothing is missing of what it needs. Pinned requirements
 * are taken as they are; an engine chooses where a version is open, or where a dependency is not in the input.
 * @param unpacking where wheels are unpacked while they are inspected; they are only looked at when left out
 * @throws UsageError, IndexError
 */
export async function runGate(
  run: GateRun,
  askTarget: () => Promise<GateTarget>,
  unpacking?: Unpacking,
): Promise<JudgedRequest> {
  const { options, policy, request, talk, host, memory } = run;
  await using rim = new AsyncDisposableStack();
  if (memory !== undefined) rim.defer(memory.pack);
  // What a bundle brings is kept by whoever keeps the bundle.
  const store = run.bundle === undefined ? artifactStore(options.cacheDir, host) : undefined;
  const { client, transport } =
    run.bundle ??
    (await openIndexClient(options, request.indexOptions, talk, host, {
      store,
      inPlace: inPlaceFor(host, unpacking),
      room: store === undefined ? createRoom(mostInMemory) : undefined,
      memory,
      policy: policy.policy,
      files: request.plan.requirements.flatMap(({ requirement: { url } }) => URL.parse(url ?? "") ?? []),
    }));
  rim.use(transport);
  const gate = rim.use(await openGate({ ...run, client, transport, unpacking, store }));
  const target = once(askTarget);
  const planTargetOf = async () => planTarget((await target()).interpreter);
  const wishes = once(async () => (await import("./dependencies.ts")).readWishes());
  const judge = async (planned: readonly PlannedArtifact[]) => {
    const requests = planned.map((one) => toRequest(one, memory !== undefined));
    const judging = gate.judge(requests);
    // They are asked in the end. While the last wheels are unpacked on other threads, this one asks those that were judged ahead.
    const ask = async (request: GateRequest) => {
      const [judged] = await gate.judge([request]);
      if (judged?.artifact !== undefined) (await wishes())(judged);
    };
    if (asksWishes(run)) for (const request of requests) ask(request).catch(() => {});
    return { planned, judged: await judging };
  };
  const choose = async () => {
    // Engines and the loopback index take longer to load than a pinned request takes to judge.
    const ready = Promise.all([import("./resolve.ts"), target()]);
    askAhead(request.plan, client);
    const [{ resolvePlan }, chosenFor] = await ready;
    const resolved = await resolvePlan({ run, client, gate, target: chosenFor });
    if (resolved.outcome === "resolved") return judge(resolved.planned);
    talk.warn(resolved.explanation);
    return { planned: resolved.withheld.map(plannedWithheld), judged: resolved.withheld };
  };

  talk.progress("Asking the index");
  try {
    const result = isSettled(request.plan)
      ? await judge(await makePlan(request.plan, planTargetOf, client))
      : await choose();
    const complete = await withDependencies(run, result, { target, choose, wishes });
    const owned = rim.move();
    const { unpacked, keepTrees, letGo, vouching } = gate;
    return {
      ...complete,
      ...listedRelease(client, policy.policy, host.now(), run.bundle === undefined),
      ...{ unpacked, keepTrees, letGo, vouching },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } finally {
    talk.progress("");
  }
}

/** Local wheels are read where they lie, unless their trees are to be kept for later runs. */
function inPlaceFor({ userId, now }: Host, unpacking: Unpacking | undefined): InPlace | undefined {
  const trees = unpacking?.trees;
  const suffices = (sha256: string) => trees === undefined || trees.find(sha256) !== undefined;
  return userId === undefined ? undefined : { userId, now, suffices };
}

/** Asks for the pages that the engine will surely ask for. What has a URL anywhere, or a marker, may be no project of the index. */
function askAhead({ requirements, constraints, files }: PlanRequest, client: IndexClient): void {
  const withUrl = [...requirements, ...constraints].filter(({ requirement }) => requirement.url !== undefined);
  const given = new Set([
    ...withUrl.map(({ requirement }) => requirement.name),
    ...files.map(({ ref }) => ref.filename.name),
  ]);
  for (const { requirement } of requirements)
    if (requirement.marker === undefined && !given.has(requirement.name)) client.askAhead(requirement.name);
}

/** Whether the artifacts are to be all that is needed: some that lie side by side are not. */
function asksWishes({ options, request: { plan } }: GateRun): boolean {
  return options.deps && (plan.requirements.length + plan.locks.length > 0 || !plan.severalPerProject);
}

interface DependencyParts {
  readonly target: () => Promise<GateTarget>;
  readonly choose: () => Promise<Verdicts>;
  readonly wishes: () => Promise<WishesOf>;
}

/** What is admitted and lacks nothing, else what an engine chooses besides. @throws UsageError where that is not its to say */
async function withDependencies(
  run: GateRun,
  result: Verdicts,
  { target, choose, wishes }: DependencyParts,
): Promise<Verdicts> {
  const isAllowed = result.judged.every(({ verdict }) => verdict.decision === "allow");
  // What a digest stands for has no METADATA to ask.
  const isSeen = result.judged.every(({ unseen = [] }) => unseen.length === 0);
  if (!asksWishes(run) || !isAllowed || !isSeen) return result;
  const { checkDependencies, dependenciesMissing } = await import("./dependencies.ts");
  const { interpreter, installed } = await target();
  const { planned, judged } = result;
  const { plan } = run.request;
  const known = checkDependencies(planned, judged.map(await wishes()), installed, planTarget(interpreter));
  for (const { of, extra } of known.unknownExtras)
    run.talk.warn(`"${of.name}" ${of.version.text} has no extra "${extra}"`);
  const { unmet } = known;
  if (unmet.length === 0) return result;
  // A lock file and a list with hashes are the whole answer, or wrong.
  if (plan.requireHashes || plan.locks.length > 0 || !isPinned(plan)) throw dependenciesMissing(unmet);
  try {
    return await choose();
  } catch (error) {
    if (error instanceof UsageError) throw dependenciesMissing(unmet, error);
    throw error;
  }
}

function toRequest(
  { ref, requested, locked, lockedIdentities }: PlannedArtifact,
  mayJudgeDigests: boolean,
): GateRequest {
  const byDigest = mayJudgeDigests && locked === true;
  return {
    ref,
    relation: requested ? "direct" : "transitive",
    ...(lockedIdentities && { lockedIdentities }),
    ...(byDigest && { byDigest }),
  };
}

/** What the policy withheld stands in the report as what was asked for. */
function plannedWithheld({ ref }: Withheld): PlannedArtifact {
  return { ref, extras: [], place: "resolution", requested: false };
}
