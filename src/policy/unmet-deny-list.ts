import { fieldMismatches, type Publisher } from "../trust/publisher.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { SummaryEvidence } from "../verdict/evidence.ts";
import { isRelease } from "./condition.ts";
import type { DeniedArtifacts } from "./policy.ts";
import { deny, type Facts, type Shortfall, undecided } from "./shortfall.ts";
import { isMember } from "./threshold.ts";
import { attestations, unavailableAttestations } from "./unmet-attestation.ts";
import { unavailableSignatures, verifyingKeys } from "./unmet-vouching.ts";

/** What the deny list has, and what it might have for all that is known. */
export function unmetDenyList(list: readonly DeniedArtifacts[], facts: Facts): Shortfall[] {
  return list.flatMap((denied) => unmetDenial(denied, facts));
}

function unmetDenial(denied: DeniedArtifacts, facts: Facts): Shortfall[] {
  const { name, sha256 } = facts.subject;
  switch (denied.kind) {
    case "digest":
      if (sha256 === undefined) return [undecided(facts, "the deny list names digests, and there are no bytes yet")];
      if (sha256 !== denied.sha256) return [];
      return [deny("denied-by-policy", facts, `the deny list has its sha256 ${sha256}`)];
    case "release":
      if (!isRelease(denied, facts.subject)) return [];
      return [deny("denied-by-policy", facts, `the deny list has "${name}${denied.version?.text ?? ""}"`)];
    case "signer":
      if (denied.releases !== undefined && !isRelease(denied.releases, facts.subject)) return [];
      return unmetSignerDenial(denied, facts);
  }
}

type DeniedSigner = Extract<DeniedArtifacts, { kind: "signer" }>;

/**
 * Attestations of every kind are looked at, and verification summaries: whoever is not trusted has not made one by
 * chance. So are signatures by keys that are no longer current.
 */
function unmetSignerDenial(denied: DeniedSigner, facts: Facts): Shortfall[] {
  const { signer } = denied;
  const isDenied =
    signer.kind === "key"
      ? [...verifyingKeys(facts), ...summarySigners(facts)].some((voucher) => isMember(voucher, signer))
      : [...attestations(facts), ...certifiedSummaries(facts)].some(
          (seen) => isDeniedPublisher(seen.signer, signer.publisher) && isWithin(denied, seen.signedAt),
        );
  if (isDenied)
    return [deny("denied-by-policy", facts, `the deny list has signer "${signer.name}"${windowWords(denied)}`)];
  return signer.kind === "key" ? unavailableSignatures(facts) : unavailableAttestations(facts);
}

/** Whoever has signed a summary of the file. */
function summarySigners({ evidence }: Facts): SummarySigner[] {
  return evidence.flatMap((seen) => (seen.kind === "summary" && seen.outcome === "verified" ? seen.signedBy : []));
}

function certifiedSummaries(facts: Facts) {
  return summarySigners(facts).filter((signer) => signer.kind === "certificate");
}

type SummarySigner = Extract<SummaryEvidence, { outcome: "verified" }>["signedBy"];

/**
 * In any case of letters: services do not tell it apart in accounts and repositories, and whoever is denied could rename
 * theirs so.
 */
function isDeniedPublisher(signer: AttestedSigner, publisher: Publisher): boolean {
  return fieldMismatches(inLowerCase(signer), inLowerCase(publisher)).length === 0;
}

function inLowerCase<T extends object>(value: T): T {
  const lowered = Object.entries(value).map(([key, field]) => [key, loweredField(field)] as const);
  return Object.fromEntries(lowered) as T;
}

function loweredField(field: unknown): unknown {
  if (typeof field === "string") return field.toLowerCase();
  return typeof field === "object" && field !== null ? inLowerCase(field) : field;
}

function isWithin({ from, until }: DeniedSigner, time: Date): boolean {
  return (from === undefined || time >= from) && (until === undefined || time <= until);
}

function windowWords({ from, until }: DeniedSigner): string {
  const start = from === undefined ? "" : ` from ${from.toISOString()}`;
  return until === undefined ? start : `${start} until ${until.toISOString()}`;
}
