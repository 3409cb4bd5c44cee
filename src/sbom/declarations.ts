import type { Receipt, ReceiptAttestation } from "../verdict/receipt.ts";
import type { BeyondLibrary, Claim, DeclaredEvidence, Standard } from "./cyclonedx.ts";
import { describeAttestation } from "./describe-attestation.ts";
import type { Entry } from "./inventory.ts";
import { clipped } from "./text.ts";

const assessor = "assessor:tspip";

type Admitted = Entry & { readonly archive: { readonly receipt: Receipt } };

/**
 * The verdicts as CycloneDX declarations: a policy is a standard, its rules are requirements, and each admitted
 * distribution claims to meet the rule that let it in, with its attestations as evidence. Nothing is declared about a
 * distribution without receipt: no evidence is not evidence against it.
 */
export function declareVerdicts(entries: readonly Entry[]): Pick<BeyondLibrary, "declarations" | "definitions"> {
  const admitted = entries.filter(isAdmitted);
  if (admitted.length === 0) return {};
  const byPolicy = Map.groupBy(admitted, ({ archive }) => archive.receipt.verdict.policy);
  return {
    declarations: {
      assessors: [{ "bom-ref": assessor, thirdParty: false, organization: { name: "tspip" } }],
      attestations: [...byPolicy].map(([policy, judged]) => attestation(policy, judged)),
      claims: admitted.map(claim),
      evidence: admitted.flatMap(evidence),
    },
    definitions: { standards: [...byPolicy].map(([policy, judged]) => standard(policy, judged)) },
  };
}

function isAdmitted(entry: Entry): entry is Admitted {
  return entry.archive.receipt !== undefined;
}

function attestation(policy: string, judged: readonly Admitted[]) {
  const byRule = [...Map.groupBy(judged, ({ archive }) => archive.receipt.verdict.rule)];
  return {
    summary: `Verdicts under the policy with SHA-256 ${clipped(policy)}`,
    assessor,
    map: byRule.map(([rule, allowed]) => ({
      requirement: ruleRef(policy, rule),
      claims: allowed.map(claimRef),
      conformance: { score: 1, rationale: "Every condition of the rule was met when the archive was installed" },
    })),
  };
}

function standard(policy: string, judged: readonly Admitted[]): Standard {
  const rules = [...new Set(judged.map(({ archive }) => archive.receipt.verdict.rule))];
  return {
    "bom-ref": policyRef(policy),
    name: "tspip policy",
    version: `sha256:${clipped(policy)}`,
    // The XML schema asks for both.
    description: "The policy file that the archives were judged by",
    owner: "unknown",
    requirements: rules.map((rule) => ({
      "bom-ref": ruleRef(policy, rule),
      identifier: clipped(rule),
      title: `Rule "${clipped(rule)}"`,
    })),
  };
}

function claim(entry: Admitted): Claim {
  const { attestations, verdict } = entry.archive.receipt;
  return {
    "bom-ref": claimRef(entry),
    target: entry.ref,
    predicate: "The policy allowed the archive that was installed",
    reasoning: `Rule "${clipped(verdict.rule)}"; ${attestations.length === 0 ? "no attestation" : "attestations verified"}`,
    evidence: attestations.map((_, at) => evidenceRef(entry, at)),
  };
}

function evidence(entry: Admitted): DeclaredEvidence[] {
  return entry.archive.receipt.attestations.map((attested, at) => ({
    "bom-ref": evidenceRef(entry, at),
    propertyName: "tspip:attestation:predicate",
    description: describeAttestation(attested),
    data: [
      {
        name: "What the receipt says of the attestation",
        contents: { attachment: { contentType: "application/json", content: JSON.stringify(attested) } },
      },
    ],
    ...created(attested),
  }));
}

/** The schema has a time there or nothing. */
function created({ signedAt }: ReceiptAttestation): { created?: string } {
  const time = new Date(signedAt);
  const year = time.getUTCFullYear();
  return year >= 0 && year <= 9999 ? { created: time.toISOString() } : {};
}

const policyRef = (policy: string) => `policy:${policy}`;
const ruleRef = (policy: string, rule: string) => `policy:${policy}#${rule}`;
const claimRef = ({ ref }: Entry) => `claim:${ref}`;
const evidenceRef = ({ ref }: Entry, at: number) => `attestation:${ref}#${at + 1}`;
