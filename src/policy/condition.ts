import type { PublisherTable } from "../trust/publisher-table.ts";
import type {
  AttestationDemand,
  DeniedArtifacts,
  HashDemand,
  Policy,
  PolicyRule,
  PolicySigner,
  PolicySubject,
  SignerCondition,
  StatusDemand,
} from "./policy.ts";

/** One thing that a policy asks of an artifact. `unmet` in unmet.ts says what is missing of each. */
export type Condition =
  | { readonly kind: "not-expired"; readonly expires: Date }
  | { readonly kind: "not-denied"; readonly deny: readonly DeniedArtifacts[] }
  | { readonly kind: "digests-match" }
  | { readonly kind: "archive" }
  | { readonly kind: "record" }
  | { readonly kind: "inspectors-agree" }
  | { readonly kind: "not-yanked"; readonly demand: StatusDemand }
  | { readonly kind: "not-sdist" }
  | { readonly kind: "hash"; readonly demand: HashDemand }
  | { readonly kind: "locked-identities"; readonly identities: readonly PublisherTable[] }
  | { readonly kind: "attestations-valid" }
  | { readonly kind: "attested"; readonly demand: PresenceDemand }
  | {
      readonly kind: "signed";
      readonly demand: PresenceDemand;
      readonly predicate: Predicate;
      readonly signers: SignerCondition;
    }
  | { readonly kind: "key-signed"; readonly signers: SignerCondition }
  | { readonly kind: "vouched"; readonly signers: SignerCondition };

export type PresenceDemand = Exclude<AttestationDemand, "ignore">;
export type Predicate = "publish" | "slsa";

/** The predicate types that count (PEP 740, "Attestation objects"). Any other is no attestation. */
export const predicateTypes: Readonly<Record<Predicate, string>> = {
  publish: "https://docs.pypi.org/attestations/publish/v1",
  slsa: "https://slsa.dev/provenance/v1",
};

/** What holds whatever the rule says, and whatever its mode. */
export function floorConditions({ expires, floor }: Policy, subject: PolicySubject): Condition[] {
  const { kind, lockedIdentities } = subject;
  return [
    ...(expires === undefined ? [] : [{ kind: "not-expired", expires } as const]),
    { kind: "not-denied", deny: floor.deny },
    { kind: "not-yanked", demand: floor.status.yanked },
    // pip refuses these whatever the settings, and nothing that pip refuses may pass here.
    { kind: "digests-match" },
    // RECORD and the reading of the ZIP are a wheel's; a source distribution has neither.
    ...(kind === "wheel" ? ([{ kind: "archive" }, { kind: "record" }] as const) : []),
    // Whoever enables an inspector wants its refusals, and one that could not look has not seen that all is well.
    { kind: "inspectors-agree" },
    // A lock file binds as its hashes do: who signed when it was written has to have signed what is installed.
    ...(lockedIdentities === undefined ? [] : [{ kind: "locked-identities", identities: lockedIdentities } as const]),
  ];
}

/** What the rule adds to the floor. */
export function ruleConditions(rule: PolicyRule, subject: PolicySubject): Condition[] {
  if (rule.mode === "off") return [];
  return [
    { kind: "not-yanked", demand: rule.status.yanked },
    ...(subject.kind === "sdist" && rule.sdist === "deny" ? [{ kind: "not-sdist" } as const] : []),
    { kind: "hash", demand: rule.hashes },
    // A bad attestation is evidence of tampering, whatever the attestations were looked for.
    ...(needsAttestations(rule, subject) ? [{ kind: "attestations-valid" } as const] : []),
    ...attestationConditions(rule, subject),
    ...(rule.signatures === undefined ? [] : [{ kind: "key-signed", signers: rule.signatures } as const]),
    ...(rule.vouch === undefined ? [] : [{ kind: "vouched", signers: rule.vouch } as const]),
  ];
}

/** Whether what `rule` asks of `subject` can depend on attestations; where not, nobody is asked for them. */
export function needsAttestations(rule: PolicyRule, subject: Pick<PolicySubject, "kind">): boolean {
  if (rule.mode === "off") return false;
  return attestationDemand(rule, subject) !== "ignore" || hasMember(rule.vouch, "publisher");
}

/** The same for wheel signatures. */
export function needsSignatures(rule: PolicyRule): boolean {
  if (rule.mode === "off") return false;
  return rule.signatures !== undefined || hasMember(rule.vouch, "key");
}

function hasMember(condition: SignerCondition | undefined, wanted: PolicySigner["kind"]): boolean {
  return condition?.members.some(({ kind }) => kind === wanted) ?? false;
}

/** What the absence of attestations means for `subject`: `attestation`, or more where `sdist` asks for more. */
export function attestationDemand(rule: PolicyRule, subject: Pick<PolicySubject, "kind">): AttestationDemand {
  return subject.kind === "sdist" && rule.sdist === "require-attestation" ? "require" : rule.attestation;
}

function attestationConditions(rule: PolicyRule, subject: PolicySubject): Condition[] {
  const demand = attestationDemand(rule, subject);
  if (demand === "ignore") return [];
  const signed = (["publish", "slsa"] as const).flatMap((predicate): Condition[] => {
    const signers = rule[predicate];
    return signers === undefined ? [] : [{ kind: "signed", demand, predicate, signers }];
  });
  return signed.length > 0 ? signed : [{ kind: "attested", demand }];
}
