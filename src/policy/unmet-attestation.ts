import { describeSigner, publisherMismatches } from "../trust/publisher.ts";
import { describeTable, type PublisherTable, tableMismatches } from "../trust/publisher-table.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { AttestationAbsence, AttestationEvidence } from "../verdict/evidence.ts";
import { buildMismatches } from "./build-mismatches.ts";
import { type Condition, type PresenceDemand, predicateTypes } from "./condition.ts";
import type { BuildCondition } from "./policy.ts";
import type { Voucher } from "./principal.ts";
import { deny, type Facts, listed, ruleLabel, type Shortfall, undecided } from "./shortfall.ts";
import { countSigned, isMember } from "./threshold.ts";

type VerifiedAttestation = Extract<AttestationEvidence, { outcome: "verified" }>;
type SignedCondition = Extract<Condition, { kind: "signed" }>;

/** At least one attestation of a kind that counts, by anyone; or, with `if-present`, certainty that there is none. */
export function unmetPresence(demand: PresenceDemand, facts: Facts): Shortfall[] {
  if (countingAttestations(facts).length > 0) return [];
  const open = unavailableAttestations(facts);
  if (open.length > 0) return open;
  if (demand === "if-present" || hasInvalid(facts)) return [];
  return [deny("attestation-absent", facts, `${ruleLabel(facts)} asks for an attestation, ${absenceWords(facts)}`)];
}

/** An attestation of a kind that counts, since an earlier release has one: whoever took over an account may have none. */
export function unmetDowngrade(earlier: string, facts: Facts): Shortfall[] {
  return unmetPresence("require", facts).map((shortfall) =>
    shortfall.id === "attestation-absent"
      ? {
          ...shortfall,
          id: "attestation-lost",
          text: `release ${earlier} is attested, and of this file ${absenceWords(facts)}`,
        }
      : shortfall,
  );
}

/**
 * Enough different parties among the signers the policy names, by attestations with one predicate. With `if-present`,
 * none with that predicate will do, but those that are there must be by the right signers.
 */
export function unmetSignature({ demand, predicate, earlier, signers }: SignedCondition, facts: Facts): Shortfall[] {
  const attested = verified(facts, [predicateTypes[predicate]]);
  const present = attested.map(({ signer }) => signer);
  const fitting = attested.filter(({ build }) => buildMismatches(build, signers).length === 0);
  const signed = countSigned(
    signers,
    fitting.map(({ signer }) => asVoucher(signer)),
  );
  if (signed >= signers.threshold) return [];
  // What could not be had may hold what is missing.
  const open = unavailableAttestations(facts);
  if (open.length > 0) return open;
  if (present.length === 0) {
    if (demand === "if-present" || hasInvalid(facts)) return [];
    const words = `${ruleLabel(facts)} asks for a ${predicate} attestation by ${signers.name}, ${absenceWords(facts)}`;
    if (earlier === undefined) return [deny("attestation-absent", facts, words)];
    return [deny("attestation-lost", facts, `release ${earlier} is attested, and ${words}`)];
  }
  const known = countSigned(signers, present.map(asVoucher));
  // Enough of the right ones signed, or no others, and not what the rule asks for.
  if (known >= signers.threshold || (known > 0 && signed === 0)) return [otherBuild(signers, attested, facts)];
  // By others only is worse than by too few.
  if (signed === 0) {
    const words = `${ruleLabel(facts)} asks for a ${predicate} attestation by ${signers.name}, it is by ${listed(present.map(describeSigner))}`;
    return [deny("signer-mismatch", facts, words + mismatchWords(signers, present))];
  }
  const words = `${ruleLabel(facts)} asks for ${predicate} attestations by ${signers.threshold} of ${signers.name}, ${signed} of them signed`;
  return [deny("threshold-not-met", facts, words)];
}

function otherBuild(wanted: BuildCondition, attested: readonly VerifiedAttestation[], facts: Facts): Shortfall {
  const members = attested.filter(({ signer }) => wanted.members.some((member) => isMember(asVoucher(signer), member)));
  const mismatches = members.flatMap(({ build }) => buildMismatches(build, wanted));
  return deny("build-mismatch", facts, `${ruleLabel(facts)} asks for another build (${listed(mismatches, "; ")})`);
}

/** Whoever made an attestation that verifies and counts. */
export function attestingVouchers(facts: Pick<Facts, "evidence">): Voucher[] {
  return countingAttestations(facts).map(({ signer }) => asVoucher(signer));
}

function asVoucher(signer: AttestedSigner): Voucher {
  return { kind: "certificate", signer };
}

/** PEP 751, `packages.attestation-identities`: one of them has made an attestation of this file too. */
export function unmetLockedIdentities(identities: readonly PublisherTable[], facts: Facts): Shortfall[] {
  const present = countingAttestations(facts).map(({ signer }) => signer);
  const isLocked = (signer: AttestedSigner) =>
    identities.some((identity) => tableMismatches(signer, identity).length === 0);
  if (present.some(isLocked)) return [];
  const open = unavailableAttestations(facts);
  if (open.length > 0) return open;
  const wanted = `the lock file says that it is attested by ${listed(identities.map(describeTable), " or ")}`;
  const found = present.length === 0 ? absenceWords(facts) : `it is by ${listed(present.map(describeSigner))}`;
  return [deny("locked-identity-mismatch", facts, `${wanted}, ${found}`)];
}

/** Those that verify and have a predicate type that counts. */
export function countingAttestations(facts: Pick<Facts, "evidence">): VerifiedAttestation[] {
  return verified(facts, Object.values(predicateTypes));
}

function verified(facts: Pick<Facts, "evidence">, types: readonly string[]): VerifiedAttestation[] {
  return attestations(facts).filter(({ predicateType }) => types.includes(predicateType));
}

/** Those that verify, whatever they say. */
export function attestations({ evidence }: Pick<Facts, "evidence">): VerifiedAttestation[] {
  return evidence.filter(
    (seen): seen is VerifiedAttestation => seen.kind === "attestation" && seen.outcome === "verified",
  );
}

/** An attestation that does not verify is not absent: the condition `attestations-valid` has refused it already. */
function hasInvalid({ evidence }: Facts): boolean {
  return evidence.some((seen) => seen.kind === "attestation" && seen.outcome === "invalid");
}

/** Why it is not known which attestations there are; nothing when it is known. */
export function unavailableAttestations(facts: Facts): Shortfall[] {
  const seen = facts.evidence.filter((evidence) => evidence.kind === "attestation");
  if (seen.length === 0) return [undecided(facts, "attestations were not looked for")];
  return seen.flatMap((evidence) =>
    evidence.outcome === "unavailable"
      ? [undecided(facts, `attestations could not be had from ${evidence.source}: ${evidence.reason}`)]
      : [],
  );
}

/** What is known of the absence, the most telling first. */
const absences: readonly (readonly [AttestationAbsence, string])[] = [
  ["empty", "the provenance document holds none"],
  ["predicate", "those that are there are of a kind that does not count"],
  ["none", "the index says that there is none"],
  ["refused", "the index refused to say whether there is one"],
  ["unknown", "no place that was asked has one"],
];

function absenceWords({ evidence }: Facts): string {
  const attestations = evidence.filter((seen) => seen.kind === "attestation");
  const others = attestations.flatMap((seen) => (seen.outcome === "verified" ? [seen.predicateType] : []));
  if (others.length > 0) return `those that are there have the predicate type ${listed(others)}`;
  const absent = attestations.filter((seen) => seen.outcome === "absent");
  const [known, words] = absences.find(([kind]) => absent.some(({ absence }) => absence === kind)) ?? [];
  const place = absent.find(({ absence }) => absence === known)?.source;
  if (known === "refused" && place !== undefined) return `${place} refused to say whether there is one`;
  return words ?? "there is none";
}

/** For a single signer, the fields that differ; for a group, the differences would be as many as its members. */
function mismatchWords({ members }: SignedCondition["signers"], present: readonly AttestedSigner[]): string {
  const [member, ...more] = members;
  if (member?.kind !== "publisher" || more.length > 0) return "";
  const mismatches = present.flatMap((signer) => publisherMismatches(signer, member.publisher));
  return mismatches.length === 0 ? "" : ` (${listed(mismatches, "; ")})`;
}
