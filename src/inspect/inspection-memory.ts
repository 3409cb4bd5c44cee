import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { digestOf } from "../distribution/digest.ts";
import type { Policy } from "../policy/policy.ts";
import type { Evidence } from "../verdict/evidence.ts";
import type { GateRequest } from "./gate-request.ts";
import { revivedEvidence } from "./stored-evidence.ts";
import { wantsAttestations, wantsSignatures, wantsSummaries } from "./wanted-evidence.ts";

/** Texts by key, shared by whoever judges. */
export interface InspectionStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, evidence: string): Promise<void>;
}

/** What inspectors saw of bytes, for whoever judges the same bytes again. What it means is judged anew each time. */
export interface InspectionMemory {
  inspect(request: GateRequest, artifact: Artifact, look: () => Promise<Evidence[]>): Promise<Evidence[]>;
}

/** What the evidence depends on besides the artifact. */
export interface InspectionContext {
  readonly policy: Policy;
  /** The version of the inspectors. */
  readonly verifier: string;
  /** The digest of the trusted root in use; nothing where it cannot be had. */
  readonly trustedRoot: () => Promise<string | undefined>;
}

/** Looks at each artifact once, also when several ask at once. Only what is final is kept. */
export function createInspections(store: InspectionStore): (context: InspectionContext) => InspectionMemory {
  const underway = new Map<string, Promise<Evidence[]>>();

  async function recallOrLook(
    key: string,
    look: () => Promise<Evidence[]>,
    { policy }: InspectionContext,
  ): Promise<Evidence[]> {
    const known = parsed(await store.get(key));
    if (known !== undefined) return known;
    const evidence = await look();
    if (evidence.every((seen) => isFinal(seen, policy))) await store.set(key, JSON.stringify(evidence));
    return evidence;
  }

  return (context) => ({
    async inspect(request, artifact, look) {
      if (mayChangeUnseen(context.policy, request)) return look();
      const key = await keyOf(request, artifact, context);
      // Whether that matters shows when there is an attestation to be verified.
      if (key === undefined) return look();
      const evidence = underway.get(key) ?? recallOrLook(key, look, context).finally(() => underway.delete(key));
      underway.set(key, evidence);
      return evidence;
    },
  });
}

/** Folders may get other documents, a local file's own among them, keyrings may take a key back, and summaries are written anew. */
function mayChangeUnseen(policy: Policy, request: GateRequest): boolean {
  if (wantsSummaries(policy, request)) return true;
  const folders = request.ref.url.protocol === "file:" ? ["directory", "sidecar"] : ["directory"];
  if (policy.trust.attestations.some(({ kind }) => folders.includes(kind))) return true;
  return policy.trust.keyring !== undefined && wantsSignatures(policy, request);
}

/** Everything that an inspector takes into account; nothing where not all of it can be had. */
async function keyOf(
  request: GateRequest,
  artifact: Artifact,
  context: InspectionContext,
): Promise<string | undefined> {
  const { policy, verifier, trustedRoot } = context;
  const { filename, source, url, digests, pins = [], provenance }: ArtifactRef = artifact.ref;
  const needsRoot = wantsAttestations(policy, request);
  const root = needsRoot ? await trustedRoot() : undefined;
  if (needsRoot && root === undefined) return undefined;
  const facts = {
    verifier,
    artifact: [filename.text, artifact.digests, digests, pins],
    places: [source, url, String(provenance)],
    attestations: needsRoot ? [root, policy.trust.attestations] : [],
    signatures: wantsSignatures(policy, request) ? [policy.trust, policy.keys] : [],
  };
  return digestOf(Buffer.from(JSON.stringify(facts)));
}

/** What attestations and signatures lack today, they may have tomorrow; what stands in an archive or on a page stays. */
function isFinal(evidence: Evidence, policy: Policy): boolean {
  const { kind, outcome } = evidence;
  if (outcome === "absent") return kind !== "wheel-signature" && !(kind === "attestation" && mayCome(evidence, policy));
  if (outcome === "verified") return true;
  return outcome === "invalid" && (kind === "archive" || kind === "record" || kind === "index-digest");
}

/** Pages link to attestations; other servers get them without a word, and who may see them is changed without one. */
function mayCome({ absence }: AbsentAttestation, { trust }: Policy): boolean {
  return absence === "refused" || trust.attestations.some(({ kind }) => kind === "url");
}

type AbsentAttestation = Extract<Evidence, { readonly absence: unknown }>;

/** What is broken is a miss. */
function parsed(text: string | undefined): Evidence[] | undefined {
  try {
    return text === undefined
      ? undefined
      : (JSON.parse(text) as unknown[]).map((each) => revivedEvidence<Evidence>(each));
  } catch {
    return undefined;
  }
}
