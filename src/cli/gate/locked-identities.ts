import { type PublisherTable, publisherTable } from "../../trust/publisher-table.ts";
import type { Verdict } from "../../verdict/verdict.ts";

/** Who signed an artifact, by verified attestations, as a lock file has it; each once. */
export function identitiesOf({ evidence }: Verdict): PublisherTable[] {
  const signers = evidence.flatMap((seen) =>
    seen.kind === "attestation" && seen.outcome === "verified" ? (publisherTable(seen.signer) ?? []) : [],
  );
  return [...new Map(signers.map((table) => [JSON.stringify(table), table])).values()];
}
