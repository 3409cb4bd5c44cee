import type { ArtifactRef } from "../../distribution/artifact.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import type { InspectionContext, InspectionMemory } from "../../inspect/inspection-memory.ts";
import { unseenRefusals } from "../../inspect/unseen-refusals.ts";
import type { ArtifactStore } from "../../memory/artifact-store.ts";
import { createIndexClient, type IndexClientOptions } from "../../package-index/client.ts";
import { createCatalog } from "../../proxy/catalog.ts";
import type { IndexContent } from "../../proxy/respond.ts";
import type { Database, RecordedVerdict } from "../../service/database.ts";
import { openGate } from "../gate/gate-session.ts";
import type { Host } from "../host.ts";
import { policyInForce } from "../settings/policy-in-force.ts";
import type { Talk } from "../terminal.ts";
import { clientRelations, judgeForClient, metadataForClient, toFileAnswer } from "./file-answer.ts";
import { openTeamPins } from "./team-pins.ts";

/** What the indexes of all teams share. */
export interface TeamIndexParts {
  /** Without what is kept: each index reads the pages anew. */
  readonly upstream: Pick<IndexClientOptions, "transport" | "indexes" | "mapped" | "warn">;
  readonly store: ArtifactStore;
  readonly inspections: (context: InspectionContext) => InspectionMemory;
  readonly trustedRoot: string | undefined;
  readonly database: Database;
  recordVerdict(verdict: RecordedVerdict): Promise<void>;
  readonly talk: Talk;
  readonly host: Host;
}

/** The index of one team, as of now: its policy and the upstream pages are read once. Disposing closes its files. */
export interface TeamIndex extends AsyncDisposable {
  readonly content: IndexContent;
  /** Whether what it judges by has changed in the database. */
  isOutdated(): Promise<boolean>;
}

/** @param policyFile a path. @throws UsageError, PolicyFileError */
export async function openTeamIndex(team: string, policyFile: string, parts: TeamIndexParts): Promise<TeamIndex> {
  const { upstream, store, inspections, trustedRoot, talk, host } = parts;
  const inForce = await policyInForce(policyFile, host);
  const pins = await openTeamPins(team, inForce.policy, parts.database);
  const policy = { ...inForce, policy: pins.policy };
  const client = createIndexClient({ ...upstream, findLinks: [], stored: store });
  const options = trustedRoot === undefined ? {} : { trustedRoot };
  await using rim = new AsyncDisposableStack();
  const gate = rim.use(
    await openGate({
      client,
      transport: upstream.transport,
      policy,
      options,
      talk,
      host,
      store,
      inspections,
    }),
  );
  const refusal = unseenRefusals(policy.policy, host.now());
  const relations = clientRelations(policy);
  const owned = rim.move();
  return {
    content: {
      catalog: createCatalog(client, (ref) =>
        relations.map((relation) => refusal({ ref, relation })).find((verdict) => verdict),
      ),
      metadata,
      file,
      arriving: gate.arriving,
    },
    isOutdated: pins.areOld,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  async function file(ref: ArtifactRef) {
    const judged = await judgeForClient(ref, gate, policy);
    await pins.record(judged);
    await parts.recordVerdict(toRecord(team, judged, policy.sha256));
    return toFileAnswer(judged);
  }

  async function metadata(ref: ArtifactRef) {
    const refused: Judged[] = [];
    const onRefused = (judged: Judged) => void refused.push(judged);
    const answer = await metadataForClient(ref, { gate, policy, client, onRefused });
    for (const judged of refused) await parts.recordVerdict(toRecord(team, judged, policy.sha256));
    return answer;
  }
}

function toRecord(team: string, { ref, artifact, verdict }: Judged, policySha256: string): RecordedVerdict {
  const told = verdict.findings.filter(({ severity }) => severity !== "note");
  return {
    team,
    filename: ref.filename.text,
    url: ref.url.href,
    sha256: artifact?.digests.sha256 ?? "",
    policySha256,
    decision: verdict.decision,
    findings: [...new Set(told.map(({ id }) => id))].sort(),
  };
}
