import { satisfies } from "../distribution/specifier.ts";
import type { PublisherTable } from "../trust/publisher-table.ts";
import type { Duration } from "./duration.ts";
import type { Pins } from "./pins.ts";
import type {
  AttestationDemand,
  BuildCondition,
  ContinuityDemand,
  DeniedArtifacts,
  DeniedReleases,
  Floor,
  HashDemand,
  MissingTime,
  Policy,
  PolicyRule,
  PolicySigner,
  PolicySubject,
  SignerCondition,
  StatusConditions,
  SummaryCondition,
} from "./policy.ts";

/** One thing that a policy asks of an artifact. `unmet` in unmet.ts says what is missing of each. */
export type Condition =
  | { readonly kind: "not-expired"; readonly expires: Date; readonly allowsExpired: boolean }
  | { readonly kind: "not-denied"; readonly deny: readonly DeniedArtifacts[] }
  | { readonly kind: "digests-match" }
  | { readonly kind: "archive" }
  | { readonly kind: "record" }
  | { readonly kind: "inspectors-agree" }
  | { readonly kind: "not-quarantined" }
  | { readonly kind: "status"; readonly demands: StatusConditions }
  /** From one of these places: indexes, by their addresses, and `local`. */
  | { readonly kind: "from-source"; readonly sources: readonly string[] }
  | { readonly kind: "not-sdist" }
  | { readonly kind: "hash"; readonly demand: HashDemand }
  | { readonly kind: "locked-identities"; readonly identities: readonly PublisherTable[] }
  | { readonly kind: "old-enough"; readonly minAge: Duration; readonly missingTime: MissingTime }
  | { readonly kind: "continuous"; readonly demand: ContinuityDemand; readonly pins: Pins | undefined }
  | { readonly kind: "attestations-valid" }
  | { readonly kind: "attested"; readonly demand: PresenceDemand }
  /** An attestation, as `earlier`, the version of an earlier release, has one. */
  | { readonly kind: "not-downgraded"; readonly earlier: string }
  | {
      readonly kind: "signed";
      readonly demand: PresenceDemand;
      readonly predicate: Predicate;
      /** Why it is required: this version, of an earlier release, is attested. Absent where the rule itself requires it. */
      readonly earlier?: string;
      /** Of a SLSA provenance, with what it must say of the build. */
      readonly signers: BuildCondition;
    }
  | { readonly kind: "key-signed"; readonly signers: SignerCondition }
  | { readonly kind: "vouched"; readonly signers: SignerCondition }
  | { readonly kind: "summarized"; readonly summary: SummaryCondition };

export type PresenceDemand = "require" | "if-present";
export type Predicate = "publish" | "slsa";

/** The predicate types that count (PEP 740, "Attestation objects"). Any other is no attestation. */
export const predicateTypes: Readonly<Record<Predicate, string>> = {
  publish: "https://docs.pypi.org/attestations/publish/v1",
  slsa: "https://slsa.dev/provenance/v1",
};

/** What holds whatever the rule says, and whatever its mode. */
export function floorConditions(
  { expires, allowsExpired = false, floor }: Policy,
  subject: PolicySubject,
): Condition[] {
  const { kind, lockedIdentities } = subject;
  return [
    ...(expires === undefined ? [] : [{ kind: "not-expired", expires, allowsExpired } as const]),
    { kind: "not-denied", deny: floor.deny },
    { kind: "not-quarantined" },
    { kind: "status", demands: floor.status },
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
export function ruleConditions(policy: Policy, rule: PolicyRule, subject: PolicySubject): Condition[] {
  if (rule.mode === "off") return [];
  return [
    { kind: "status", demands: rule.status },
    ...(rule.sources === undefined ? [] : [{ kind: "from-source", sources: rule.sources } as const]),
    ...(subject.kind === "sdist" && rule.sdist === "deny" ? [{ kind: "not-sdist" } as const] : []),
    { kind: "hash", demand: rule.hashes },
    ...(rule.minAge === undefined
      ? []
      : [{ kind: "old-enough", minAge: rule.minAge, missingTime: rule.missingTime } as const]),
    // A bad attestation is evidence of tampering, for whatever reason attestations were looked for.
    ...(asksForAttestations(rule, subject) ? [{ kind: "attestations-valid" } as const] : []),
    ...attestationConditions(rule, subject),
    ...(rule.signatures === undefined ? [] : [{ kind: "key-signed", signers: rule.signatures } as const]),
    ...(rule.vouch === undefined ? [] : [{ kind: "vouched", signers: rule.vouch } as const]),
    ...(rule.summary === undefined ? [] : [{ kind: "summarized", summary: rule.summary } as const]),
    ...continuityConditions(policy, rule),
  ];
}

function continuityConditions({ pins }: Policy, { continuity: demand }: PolicyRule): Condition[] {
  return demand === undefined ? [] : [{ kind: "continuous", demand, pins: pins?.get(demand.pins) }];
}

/** Whether what the policy asks of `subject` can depend on attestations; where not, nobody is asked for them. */
export function needsAttestations({ floor }: Policy, rule: PolicyRule, subject: PolicySubject): boolean {
  return deniesSigners(floor, subject, "publisher") || (rule.mode !== "off" && asksForAttestations(rule, subject));
}

/** The same for wheel signatures. */
export function needsSignatures({ floor }: Policy, rule: PolicyRule, subject: PolicySubject): boolean {
  if (deniesSigners(floor, subject, "key")) return true;
  return rule.mode !== "off" && (rule.signatures !== undefined || hasMember(rule.vouch, "key"));
}

/** The same for verification summaries. */
export function needsSummaries(rule: PolicyRule): boolean {
  return rule.mode !== "off" && rule.summary !== undefined;
}

/**
 * Whether what the policy asks of `subject` can depend on what its index says of it, besides attestations. That no
 * policy admits what is quarantined is not counted: with `--offline`, nothing could be admitted then.
 */
export function needsIndex({ floor, rules, exceptions }: Policy, rule: PolicyRule, subject: PolicySubject): boolean {
  const goesByIndex = [...rules, ...exceptions].some(({ match }) => match.index !== undefined);
  return goesByIndex || deniesStatus(floor) || needsEarlier(rule, subject) || (rule.mode !== "off" && asksIndex(rule));
}

/** Whether what is asked of `subject` depends on attestations of earlier releases. */
export function needsEarlier(rule: PolicyRule, subject: Pick<PolicySubject, "kind">): boolean {
  return rule.mode !== "off" && attestationDemand(rule, subject) === "no-downgrade";
}

function asksIndex(rule: PolicyRule): boolean {
  return deniesStatus(rule) || rule.sources !== undefined || rule.minAge !== undefined;
}

function deniesStatus({ status }: Pick<PolicyRule, "status">): boolean {
  return Object.values(status).includes("deny");
}

function deniesSigners({ deny }: Floor, subject: PolicySubject, kind: PolicySigner["kind"]): boolean {
  return deny.some(
    (denied) =>
      denied.kind === "signer" &&
      denied.signer.kind === kind &&
      (denied.releases === undefined || isRelease(denied.releases, subject)),
  );
}

/** Whether the releases that a deny list names are `subject`'s. */
export function isRelease({ name, version }: DeniedReleases, subject: PolicySubject): boolean {
  return name === subject.name && (version === undefined || satisfies(version, subject.version));
}

function asksForAttestations(rule: PolicyRule, subject: PolicySubject): boolean {
  return (
    attestationDemand(rule, subject) !== "ignore" ||
    hasMember(rule.vouch, "publisher") ||
    rule.continuity !== undefined ||
    (rule.minAge !== undefined && rule.missingTime === "log" && subject.uploadTime === undefined)
  );
}

function hasMember(condition: SignerCondition | undefined, wanted: PolicySigner["kind"]): boolean {
  return condition?.members.some(({ kind }) => kind === wanted) ?? false;
}

/** What the absence of attestations means for `subject`: `attestation`, or more where `sdist` asks for more. */
export function attestationDemand(rule: PolicyRule, subject: Pick<PolicySubject, "kind">): AttestationDemand {
  return subject.kind === "sdist" && rule.sdist === "require-attestation" ? "require" : rule.attestation;
}

function attestationConditions(rule: PolicyRule, subject: PolicySubject): Condition[] {
  const asked = attestationDemand(rule, subject);
  if (asked === "ignore") return [];
  const earlier = asked === "no-downgrade" ? subject.attestedBefore : undefined;
  const demand = asked === "require" || earlier !== undefined ? "require" : "if-present";
  const signed = signedConditions(rule, demand, earlier);
  if (signed.length > 0) return signed;
  return [earlier === undefined ? { kind: "attested", demand } : { kind: "not-downgraded", earlier }];
}

function signedConditions(rule: PolicyRule, demand: PresenceDemand, earlier: string | undefined): Condition[] {
  return (["publish", "slsa"] as const).flatMap((predicate): Condition[] => {
    const signers = rule[predicate];
    if (signers === undefined) return [];
    return [{ kind: "signed", demand, predicate, ...(earlier !== undefined && { earlier }), signers }];
  });
}
