import type { ArtifactRef } from "../../distribution/artifact.ts";
import { IndexError } from "../../errors.ts";
import type { GateRequest, Judged } from "../../inspect/gate-request.ts";
import type { IndexClient } from "../../package-index/client.ts";
import { coreMetadataOf } from "../../proxy/core-metadata.ts";
import type { FileAnswer, RefusedFile } from "../../proxy/file-answer.ts";
import { finding } from "../../verdict/finding.ts";
import { urlDependencies } from "../../wheel/url-dependencies.ts";
import type { GateSession } from "../gate/gate-session.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import { type AskedByUrl, askedByUrl } from "./asked-by-url.ts";

/**
 * The relations that a client's files are judged under: nobody knows there whether the user named the project or
 * something needs it, so where the policy makes a difference, both must be allowed.
 */
export function clientRelations({ policy }: PolicyInForce): readonly GateRequest["relation"][] {
  const makesDifference = [...policy.rules, ...policy.exceptions].some(({ match }) => match.relation !== undefined);
  return makesDifference ? ["direct", "transitive"] : ["direct"];
}

/** Passes one file through the gate for a client of a loopback index. */
export async function judgeForClient(
  ref: ArtifactRef,
  gate: GateSession,
  policy: PolicyInForce,
  asked?: AskedByUrl,
): Promise<Judged> {
  return refusingUrls(await judgeFile(ref, gate, policy), asked);
}

/** A wheel that asks for something by URL is refused: whoever installs it for us would fetch that. @throws ArtifactError */
export async function refusingUrls(judged: Judged, asked: AskedByUrl = askedByUrl): Promise<Judged> {
  const { ref, artifact, verdict } = judged;
  if (verdict.decision !== "allow" || artifact === undefined || ref.filename.kind !== "wheel") return judged;
  const known = leadingElsewhere.get(judged) ?? withDependencies(judged, await asked(artifact));
  leadingElsewhere.set(judged, known);
  return known;
}

/** What was made of a verdict: a file is asked for several times. */
const leadingElsewhere = new WeakMap<Judged, Judged>();

function withDependencies(judged: Judged, byUrl: readonly string[]): Judged {
  const [first, ...others] = byUrl;
  if (first === undefined) return judged;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const message = `"${judged.ref.filename.text}" asks for "${first}"${more}, which would be fetched without being judged`;
  return {
    ...judged,
    verdict: { ...judged.verdict, decision: "deny", findings: [finding("dependency-by-url", message)] },
  };
}

async function judgeFile(ref: ArtifactRef, gate: GateSession, policy: PolicyInForce): Promise<Judged> {
  const judged = await gate.judge(clientRelations(policy).map((relation) => ({ ref, relation })));
  const [worst] = judged.toSorted((one, other) => badness(other) - badness(one));
  if (worst === undefined) throw new RangeError("One request gives one answer");
  return worst;
}

/** A refusal is worse than an open question, and what there is to say is worse than nothing. */
function badness({ verdict: { decision, findings } }: Judged): number {
  if (decision === "allow") return findings.length === 0 ? 0 : 1;
  return decision === "undecided" ? 2 : 3;
}

/** What is undecided is not served. */
export function toFileAnswer({ artifact, verdict }: Judged): FileAnswer {
  if (verdict.decision === "allow" && artifact !== undefined) return { isAdmitted: true, artifact };
  // An allowed file without bytes cannot be: what is served is never judged by its digest alone.
  return {
    isAdmitted: false,
    decision: verdict.decision === "deny" ? "deny" : "undecided",
    findings: verdict.findings,
  };
}

export interface MetadataParts {
  readonly gate: GateSession;
  readonly policy: PolicyInForce;
  readonly client: Pick<IndexClient, "coreMetadata" | "download">;
  readonly onRefused: (judged: Judged) => void;
}

/**
 * METADATA of a wheel for a client of a loopback index. It may be the first that is fetched of the file, so inspectors
 * from others are asked before.
 * @throws IndexError, ArtifactError
 */
export async function metadataForClient(ref: ArtifactRef, parts: MetadataParts): Promise<Uint8Array | RefusedFile> {
  const metadata = await readForClient(ref, parts);
  const byUrl = metadata instanceof Uint8Array ? urlDependencies(metadata) : [];
  if (byUrl.length === 0) return metadata;
  const file = await judgeFile(ref, parts.gate, parts.policy);
  const judged = withDependencies(file, byUrl);
  // Of an index that says such things, the file is not passed on either.
  leadingElsewhere.set(file, judged);
  parts.onRefused(judged);
  return { isAdmitted: false, decision: "deny", findings: judged.verdict.findings };
}

async function readForClient(
  ref: ArtifactRef,
  { gate, policy, client, onRefused }: MetadataParts,
): Promise<Uint8Array | RefusedFile> {
  const beforeHop = async (url: URL) => {
    if (await gate.isRefusedUnseen({ ...ref, url }))
      throw new IndexError("hop-refused", "an inspector refused a redirect");
  };
  const read = () => coreMetadataOf(ref, client, () => gate.directory, { beforeHop });
  if (!(await gate.isRefusedUnseen(ref))) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof IndexError && error.code === "hop-refused")) throw error;
    }
  }
  const judged = await judgeFile(ref, gate, policy);
  if (judged.verdict.decision !== "deny") return read();
  onRefused(judged);
  return { isAdmitted: false, decision: "deny", findings: judged.verdict.findings };
}
