import type { ArtifactRef } from "../../distribution/artifact.ts";
import { messageOf } from "../../errors.ts";
import type { VerifiedSummary } from "../../summary/summaries.ts";
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
  return summaries
    .filter(({ subjects }) => subjects.includes(sha256))
    .map(({ signedBy, verifier, result, timeVerified }) => ({
      kind: "summary",
      outcome: "verified",
      signedBy,
      verifier,
      result,
      timeVerified,
      source,
    }));
}
