import { parseVersion } from "../../distribution/version.ts";
import { floorConditions, ruleConditions } from "../condition.ts";
import type { Policy, PolicyRule, PolicySubject } from "../policy.ts";
import { dayOf, lastDay } from "../shortfall.ts";
import { type ConditionWords, conditionWords } from "./condition-words.ts";
import { type KnownSubject, type MatchOutcome, matchOutcome } from "./match-outcome.ts";

/** Which rules there are for a file, up to the first that is known to apply, and what those ask that may. */
export interface Explanation {
  readonly floor: readonly ConditionWords[];
  readonly rules: readonly ExplainedRule[];
  /** Rules behind the first that is known to apply: nobody looks at them. */
  readonly unreached: number;
  readonly exceptions: readonly ExplainedException[];
}

export interface ExplainedRule extends MatchOutcome {
  readonly name: string;
  /** What becomes of conditions that are not met, and what they are; of rules that may apply. */
  readonly demands?: { readonly mode: string; readonly conditions: readonly ConditionWords[] };
}

export interface ExplainedException extends MatchOutcome {
  readonly id: string;
  readonly waive: readonly string[];
  /** The last day, in UTC. */
  readonly until: string;
  readonly isExpired: boolean;
  readonly reason: string;
  readonly owner: string;
}

/** Says, without any evidence, how `policy` judges the files that `known` is about. */
export function explain(policy: Policy, known: KnownSubject, now: Date): Explanation {
  const outcomes = [...policy.rules, policy.default].map((rule) => ({
    rule,
    outcome: matchOutcome(rule.match, known),
  }));
  const last = outcomes.findIndex(({ outcome }) => outcome.applies === "yes");
  const rules = outcomes.slice(0, last + 1).map(({ rule, outcome }): ExplainedRule => {
    if (outcome.applies === "no") return { name: rule.name, ...outcome };
    return { name: rule.name, ...outcome, demands: demandsOf(policy, rule, known, now) };
  });
  const subject = representative(known, policy.default);
  return {
    floor: floorConditions(policy, subject).flatMap((condition) => conditionWords(condition, known) ?? []),
    rules,
    unreached: Math.max(0, policy.rules.length - 1 - last),
    exceptions: policy.exceptions.flatMap(({ id, match, waive, expires, reason, owner }) => {
      const outcome = matchOutcome(match, known);
      if (outcome.applies === "no") return [];
      return [{ ...outcome, id, waive, until: lastDay(expires), isExpired: now >= expires, reason, owner }];
    }),
  };
}

function demandsOf(policy: Policy, rule: PolicyRule, known: KnownSubject, now: Date) {
  const subject = representative(known, rule);
  const conditions = ruleConditions(policy, rule, subject).flatMap(
    (condition) => conditionWords(condition, known) ?? [],
  );
  return { mode: modeWords(rule, now), conditions };
}

function modeWords({ mode, enforceAfter }: PolicyRule, now: Date): string {
  if (mode === "off") return "its conditions are not looked at";
  if (mode === "enforce") return "what is not met is refused";
  if (enforceAfter === undefined) return "what is not met is a warning";
  return now < enforceAfter
    ? `what is not met is a warning, and from ${dayOf(enforceAfter)} on refused`
    : `what is not met is refused, since ${dayOf(enforceAfter)}`;
}

/** A file as conditions need one; what is not known of it changes none of their words. */
function representative(
  { name, version, kind, index, relation = "direct" }: KnownSubject,
  rule: PolicyRule,
): PolicySubject {
  return {
    name,
    version: version ?? parseVersion("0"),
    kind,
    origin: "index",
    ...(index !== undefined && { index }),
    relation,
    filename: name,
    // Where it matters whether an earlier release is attested, the words say so.
    ...(rule.attestation === "no-downgrade" && { attestedBefore: "0" }),
  };
}
