import { describeSigner } from "../trust/publisher.ts";
import type { SummaryEvidence } from "../verdict/evidence.ts";
import type { SummaryCondition } from "./policy.ts";
import { principalOf, type Voucher } from "./principal.ts";
import { deny, type Facts, listed, problemsOf, ruleLabel, type Shortfall, undecided } from "./shortfall.ts";
import { countSigned, isMember } from "./threshold.ts";

type VerifiedSummary = Extract<SummaryEvidence, { outcome: "verified" }>;

/**
 * Enough different parties among the signers, by verification summaries of the verifier that the policy names. Of one
 * party the newest summary counts, so that whoever let a file pass can take that back.
 */
export function unmetSummary(condition: SummaryCondition, facts: Facts): Shortfall[] {
  const bad = problemsOf("summary", facts);
  // Of two verifiers that do not agree one is wrong, whatever else there is.
  const disagreements = bad.filter(({ id }) => id === "second-opinion-disagrees");
  if (disagreements.length > 0) return disagreements;
  const seen = facts.evidence.filter((evidence) => evidence.kind === "summary");
  const verified = seen.filter((evidence): evidence is VerifiedSummary => evidence.outcome === "verified");
  const named = verified.filter(
    ({ verifier, signedBy }) =>
      verifier === condition.verifier && condition.members.some((member) => isMember(signedBy, member)),
  );
  const newest = newestOfEach(named);
  const passed = newest.filter(({ result }) => result === "PASSED");
  const fresh = passed.filter((summary) => isFresh(summary, condition, facts.now));
  if (countSigned(condition, vouchersOf(fresh)) >= condition.threshold) return [];

  const asked = `${ruleLabel(facts)} asks for a verification summary by ${condition.name} as "${condition.verifier}"`;
  if (newest.length > passed.length)
    return [deny("summary-failed", facts, `${asked}, and that says that it did not pass`)];
  const open = unavailableSummaries(seen, facts);
  if (open.length > 0) return open;
  if (countSigned(condition, vouchersOf(passed)) >= condition.threshold)
    return [
      deny("summary-too-old", facts, `${asked} of the last ${condition.maxAge?.text}, it is of ${datesOf(passed)}`),
    ];
  if (verified.length === 0 && bad.length > 0) return bad;
  return [deny("summary-absent", facts, `${asked}, ${absenceWords(verified, named)}`), ...bad];
}

function newestOfEach(summaries: readonly VerifiedSummary[]): VerifiedSummary[] {
  const byParty = Map.groupBy(summaries, ({ signedBy }) => principalOf(signedBy, "identity"));
  return [...byParty.values()].flatMap((some) => {
    const latest = Math.max(...some.map(({ timeVerified }) => timeVerified.getTime()));
    const last = some.filter(({ timeVerified }) => timeVerified.getTime() === latest);
    // Of two at one time, the one that says no.
    return (last.find(({ result }) => result === "FAILED") ?? last[0]) || [];
  });
}

/** What was made after now was made with a clock that cannot be trusted. */
function isFresh({ timeVerified }: VerifiedSummary, { maxAge }: SummaryCondition, now: Date): boolean {
  const age = now.getTime() - timeVerified.getTime();
  return maxAge === undefined || (age >= -clockSkewMs && age <= maxAge.milliseconds);
}

const clockSkewMs = 5 * 60 * 1000;

function vouchersOf(summaries: readonly VerifiedSummary[]): Voucher[] {
  return summaries.map(({ signedBy }) => signedBy);
}

function unavailableSummaries(seen: readonly SummaryEvidence[], facts: Facts): Shortfall[] {
  if (seen.length === 0) return [undecided(facts, "verification summaries were not looked for")];
  return seen.flatMap((evidence) =>
    evidence.outcome === "unavailable"
      ? [undecided(facts, `verification summaries could not be had from ${evidence.source}: ${evidence.reason}`)]
      : [],
  );
}

function absenceWords(verified: readonly VerifiedSummary[], named: readonly VerifiedSummary[]): string {
  if (named.length > 0) return "too few of them signed";
  if (verified.length === 0) return "there is none";
  const others = verified.map(({ signedBy, verifier }) =>
    signedBy.kind === "key"
      ? `key ${signedBy.key} as "${verifier}"`
      : `${describeSigner(signedBy.signer)} as "${verifier}"`,
  );
  return `those that are there are by ${listed(others)}`;
}

function datesOf(summaries: readonly VerifiedSummary[]): string {
  return listed(summaries.map(({ timeVerified }) => timeVerified.toISOString()));
}
