import type { Evidence } from "../verdict/evidence.ts";
import type { Finding } from "../verdict/finding.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { type Condition, floorConditions, ruleConditions } from "./condition.ts";
import { ruleFor } from "./match.ts";
import type { Mode, Policy, PolicyRule, PolicySubject } from "./policy.ts";
import { dayOf, type Shortfall, toFinding } from "./shortfall.ts";
import { unmet } from "./unmet.ts";
import { waive } from "./waive.ts";

/**
 * Judges one artifact: the floor and the first rule that matches must both be met. Pure: the same policy, subject,
 * evidence and time give the same verdict, in whatever order the evidence comes and however often it is repeated.
 *
 * Evidence that nobody gave is evidence that could not be had, never an absence. So a verdict over the little that is
 * known before the download is final when it denies, and undecided otherwise.
 * @param judged whether the verdict is about bytes that are held, or about a digest that stands for them
 */
export function decide(
  policy: Policy,
  subject: PolicySubject,
  evidence: readonly Evidence[],
  now: Date,
  judged: "bytes" | "digest" = "bytes",
): Verdict {
  const rule = ruleFor(policy, subject);
  const facts = { subject, evidence, now, rule: rule.name };
  const floor = floorConditions(policy, subject)
    .filter(({ kind }) => judged === "bytes" || !needsBytes.has(kind))
    .flatMap((condition) => unmet(condition, facts));
  const own = ruleConditions(policy, rule, subject).flatMap((condition) =>
    waive(unmet(condition, facts), condition, policy, facts),
  );
  const shortfalls = [...floor, ...(modeAt(rule, now) === "warn" ? own.map((one) => asWarning(one, rule)) : own)];

  const withEffect = (effect: Shortfall["effect"]) => shortfalls.filter((shortfall) => shortfall.effect === effect);
  const denials = withEffect("deny");
  const open = withEffect("undecided");
  const decision = denials.length > 0 ? "deny" : open.length > 0 ? "undecided" : "allow";
  const reasons = { deny: denials, undecided: open, allow: [] }[decision];
  return {
    decision,
    rule: rule.name,
    evidence,
    findings: distinctFindings([...reasons, ...withEffect("warn"), ...withEffect("note")]),
  };
}

/** What cannot be asked where a lock file is judged by its digests; `install` asks it of the bytes. */
const needsBytes: ReadonlySet<Condition["kind"]> = new Set(["archive", "record"]);

/** `mode`, which changes on a day where the rule has `enforce-after`. */
function modeAt({ mode, enforceAfter }: PolicyRule, now: Date): Mode {
  return enforceAfter !== undefined && now >= enforceAfter ? "enforce" : mode;
}

/** `mode = "warn"`: what the rule would refuse, and what it could not decide, is said and not enforced. */
function asWarning(shortfall: Shortfall, { enforceAfter }: PolicyRule): Shortfall {
  if (shortfall.effect === "note" || shortfall.effect === "warn") return shortfall;
  const until = enforceAfter === undefined ? "" : `; this is enforced from ${dayOf(enforceAfter)} on`;
  return { ...shortfall, effect: "warn", text: shortfall.text + until };
}

/** Each once; what is an error already is no warning besides. */
function distinctFindings(shortfalls: readonly Shortfall[]): Finding[] {
  const distinct = new Map<string, Finding>();
  for (const finding of shortfalls.map(toFinding)) {
    const key = `${finding.id} ${finding.message}`;
    if (!distinct.has(key)) distinct.set(key, finding);
  }
  return [...distinct.values()];
}
