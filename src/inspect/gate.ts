import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { ArtifactError, IndexError, messageOf } from "../errors.ts";
import type { Arriving } from "../package-index/arriving.ts";
import type { IndexClient } from "../package-index/client.ts";
import { shown } from "../package-index/url.ts";
import { needsEarlier } from "../policy/condition.ts";
import { decide } from "../policy/decide.ts";
import { ruleFor } from "../policy/match.ts";
import type { Policy } from "../policy/policy.ts";
import type { Evidence } from "../verdict/evidence.ts";
import { finding } from "../verdict/finding.ts";
import { isFindingId } from "../verdict/finding-catalog.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { concurrently } from "./concurrently.ts";
import { digestWithoutBytes, passByDigest } from "./digest-gate.ts";
import { type GateRequest, type Judged, subjectOf } from "./gate-request.ts";
import { inspectBeforeDownload, inspectBeforeExtract } from "./inspect.ts";
import type { InspectionMemory } from "./inspection-memory.ts";
import type { DistInspector } from "./inspector.ts";
import { type ListingGap, listingOf } from "./locked-listing.ts";
import { wantsIndex, wantsSignatures } from "./wanted-evidence.ts";

/** What the gate works with; whoever composes the program makes it. */
export interface Gate {
  readonly client: Pick<IndexClient, "download" | "files" | "release">;
  readonly inspectors: readonly DistInspector[];
  readonly policy: Policy;
  /** A private folder for the bytes. */
  readonly directory: () => string;
  readonly now: Date;
  /** What was seen before of the same bytes; absent where everything is looked at. */
  readonly memory?: InspectionMemory | undefined;
  /** Called with the bytes of an artifact before they are here; see DownloadHooks. */
  readonly onArriving?: (ref: ArtifactRef, arriving: Arriving) => void;
  /** Called before an artifact is inspected, with its reference as inspectors get it: its index was asked. */
  readonly onListed?: (request: GateRequest) => void;
  /** Called when an artifact was judged. */
  readonly onJudged?: (judged: Judged) => void;
}

/** Downloads under way at once. HTTP/2 carries them over one connection; more would only take memory. */
const parallelArtifacts = 12;

/**
 * Passes every artifact through `pre_download`, the download, `pre_extract` and the policy. Results in order. Where it throws, nobody gets
 * the artifacts, and they are closed.
 */
export async function passGate(requests: readonly GateRequest[], gate: Gate): Promise<Judged[]> {
  const passed: Judged[] = [];
  let hasFailed = false;
  try {
    return await concurrently(requests, parallelArtifacts, async (request) => {
      const judged = await passOne(request, gate);
      if (hasFailed) await judged.artifact?.close();
      passed.push(judged);
      gate.onJudged?.(judged);
      return judged;
    });
  } catch (error) {
    hasFailed = true;
    await Promise.all(passed.map(({ artifact }) => artifact?.close()));
    throw error;
  }
}

async function passOne(asked: GateRequest, gate: Gate): Promise<Judged> {
  const subject = subjectOf(asked);
  const { ref, gap } = await listingOf(asked.ref, gate.client, needsEarlier(ruleFor(gate.policy, subject), subject));
  const request = { ...asked, ref };
  gate.onListed?.(request);
  if (gap === undefined) return passListed(request, gate);
  if (gap.kind !== "offline" || wantsIndex(gate.policy, request)) return withoutListing(request, gap, gate);
  const judged = await passListed(request, gate);
  const message = `what the index says of "${ref.filename.text}" now is not known: ${gap.reason}`;
  const findings = [...judged.verdict.findings, finding("evidence-unavailable", message, "warning")];
  return { ...judged, verdict: { ...judged.verdict, findings } };
}

/** What is refused without the index's word is refused; anything else is open. */
async function withoutListing(request: GateRequest, { reason }: ListingGap, gate: Gate): Promise<Judged> {
  const { ref } = request;
  const before = await inspectBeforeDownload(ref, gate.inspectors);
  // That nobody could be asked when it was uploaded is no absence of a time.
  const subject = { ...subjectOf(request, digestWithoutBytes(ref)), uploadTime: new Date(0) };
  const verdict = decide(gate.policy, subject, before, gate.now);
  if (verdict.decision === "deny") return { ref, verdict };
  const findings = [finding("artifact-unavailable", `"${ref.filename.text}" cannot be judged: ${reason}`)];
  return { ref, verdict: { ...verdict, decision: "undecided", findings } };
}

async function passListed(request: GateRequest, gate: Gate): Promise<Judged> {
  const { ref } = request;
  const before = await inspectBeforeDownload(ref, gate.inspectors);
  const early = decide(gate.policy, subjectOf(request), before, gate.now);
  // What is refused by what the index says of it is never asked for. Anything else is open until the bytes are here.
  if (early.decision === "deny") return { ref, verdict: early };
  if (request.byDigest === true && !wantsBytes(request, gate)) {
    const judged = await passByDigest(request, gate);
    if (judged !== undefined) return judged;
  }

  const { artifact, hops, failure } = await fetchArtifact(ref, gate);
  const known = [...before, ...hops];
  if (artifact === undefined) return { ref, verdict: withoutBytes(request, known, failure, gate) };
  const look = () => inspectBeforeExtract(artifact, gate.inspectors);
  const evidence = [...known, ...(await rememberedOr(look, request, artifact, gate))];
  return {
    ref,
    artifact,
    verdict: decide(gate.policy, subjectOf(request, artifact.digests.sha256), evidence, gate.now),
  };
}

function wantsBytes(request: GateRequest, { inspectors, policy }: Gate): boolean {
  return wantsSignatures(policy, request) || inspectors.some(({ needsBytes }) => needsBytes === true);
}

async function rememberedOr(
  look: () => Promise<Evidence[]>,
  request: GateRequest,
  artifact: Artifact,
  { memory }: Gate,
): Promise<Evidence[]> {
  try {
    return await (memory?.inspect(request, artifact, look) ?? look());
  } catch (error) {
    await artifact.close();
    throw error;
  }
}

interface Fetched {
  readonly artifact?: Artifact;
  /** What the inspectors said of each redirect on the way to the bytes. */
  readonly hops: readonly Evidence[];
  /** Why there are no bytes. */
  readonly failure?: Error;
}

async function fetchArtifact(ref: ArtifactRef, { client, inspectors, directory, onArriving }: Gate): Promise<Fetched> {
  const hops: Evidence[] = [];
  const beforeHop = async (url: URL) => {
    const seen = await inspectBeforeDownload({ ...ref, url }, inspectors);
    hops.push(...seen);
    if (seen.some(({ outcome }) => outcome === "invalid"))
      throw new IndexError("hop-refused", `an inspector refused ${shown(url)}`);
  };
  try {
    return {
      artifact: await client.download(ref, directory, {
        beforeHop,
        onArriving: (arriving) => onArriving?.(ref, arriving),
      }),
      hops,
    };
  } catch (error) {
    if (!(error instanceof IndexError || error instanceof ArtifactError)) throw error;
    return { hops, failure: error };
  }
}

/**
 * A refusal by an inspector on the way is a refusal, and so are bytes that a bundle's maker did not sign; anything else that kept the
 * bytes away leaves it open.
 */
function withoutBytes(
  request: GateRequest,
  evidence: readonly Evidence[],
  failure: Error | undefined,
  { policy, now }: Gate,
): Verdict {
  const verdict = decide(policy, subjectOf(request), evidence, now);
  if (verdict.decision === "deny") return verdict;
  if (failure instanceof ArtifactError && isFindingId(failure.code))
    return { ...verdict, decision: "deny", findings: [finding(failure.code, failure.message)] };
  const message = `"${request.ref.filename.text}" could not be had: ${messageOf(failure)}`;
  return { ...verdict, decision: "undecided", findings: [finding("artifact-unavailable", message)] };
}
