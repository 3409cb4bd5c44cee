import type { ArtifactRef } from "../../distribution/artifact.ts";
import { messageOf } from "../../errors.ts";
import type { VerifiedSummary } from "../../summary/summaries.ts";
import { describeSigner } from "../../trust/publisher.ts";
import type { SummaryEvidence } from "../../verdict/evidence.ts";
import type { DistInspector } from "../inspector.ts";

export interface SummaryInspectorOptions {
  /** What each file of summaries holds that verifies; files are read when the first artifact asks for them. */
  readonly files: readonly SummaryFile[];
  /** Whether the policy has a use for summaries of this artifact. */
  readonly isWanted: (ref: ArtifactRef) => boolean;
}

export interface SummaryFile {
  /** As the user would name it. */
  readonly source: string;
  /** @throws TspipError when it cannot be read */
  readonly read: () => Promise<readonly VerifiedSummary[]>;
}

/** Gathers SLSA verification summaries that are about the digest that we computed. */
export function summaryInspector({ files, isWanted }: SummaryInspectorOptions): DistInspector {
  const inspect = async (sha256: string): Promise<SummaryEvidence[]> => {
    const seen = (await Promise.all(files.map((file) => evidenceIn(file, sha256)))).flat();
    return seen.length > 0 ? seen : [{ kind: "summary", outcome: "absent" }];
  };
  return {
    name: "summary",
    pre_extract: async ({ ref, digests }) => (isWanted(ref) ? inspect(digests.sha256) : []),
    by_digest: async (ref, sha256) => (isWanted(ref) ? inspect(sha256) : []),
  };
}

async function evidenceIn({ source, read }: SummaryFile, sha256: string): Promise<SummaryEvidence[]> {
  let summaries: readonly VerifiedSummary[];
  try {
    summaries = await read();
  } catch (error) {
    return [{ kind: "summary", outcome: "unavailable", source, reason: messageOf(error) }];
  }
  return summaries.filter(({ subjects }) => subjects.includes(sha256)).map((summary) => evidenceOf(summary, source));
}

function evidenceOf(summary: VerifiedSummary, source: string): SummaryEvidence {
  const { signedBy, verifier, result, timeVerified, objection } = summary;
  if (objection === undefined)
    return { kind: "summary", outcome: "verified", signedBy, verifier, result, timeVerified, source };
  const by = signedBy.kind === "key" ? signedBy.key : describeSigner(signedBy.signer);
  const words = {
    "key-not-current": `a verification summary is by the key ${by}`,
    "second-opinion-disagrees": `tspip accepts a verification summary as made by ${by}, @sigstore/verify does not`,
  };
  const problem = { id: objection.id, message: `${source}: ${words[objection.id]}: ${objection.reason}` };
  return { kind: "summary", outcome: "invalid", source, problems: [problem] };
}
