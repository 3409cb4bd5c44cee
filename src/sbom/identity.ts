import type { IdentityEvidence } from "./cyclonedx.ts";
import { describeAttestation } from "./describe-attestation.ts";
import type { InstalledDistribution } from "./installed-distribution.ts";
import type { Entry } from "./inventory.ts";

/**
 * How we know that this is the distribution it says it is. The purl comes from METADATA. The archive's hash is only
 * evidence where a receipt tells of the check; a hash that another installer wrote down was not compared by us.
 * @param tool `bom-ref` of tspip
 */
export function identityOf({ purl, distribution, archive }: Entry, tool: string): IdentityEvidence[] {
  const { digests, receipt } = archive;
  const tools = [tool];
  const named: IdentityEvidence = {
    field: "purl",
    confidence: 1,
    concludedValue: purl,
    methods: [{ technique: "manifest-analysis", confidence: 1, value: manifest(distribution) }],
    tools,
  };
  const isSeen = receipt !== undefined || distribution.from === "wheel";
  if (!isSeen || digests.sha256 === undefined) return [named];
  return [
    named,
    {
      field: "hash",
      confidence: 1,
      concludedValue: digests.sha256,
      methods: [
        {
          technique: "hash-comparison",
          confidence: 1,
          value: "SHA-256 of the archive, computed before it was unpacked",
        },
        ...(receipt?.attestations ?? []).map((attestation) => ({
          technique: "attestation" as const,
          confidence: 1,
          value: describeAttestation(attestation),
        })),
      ],
      tools,
    },
  ];
}

function manifest({ from, distInfo }: InstalledDistribution): string {
  return from === "lock" || from === "requirements" ? distInfo : "METADATA";
}
