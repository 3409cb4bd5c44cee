import type { Evidence } from "../verdict/evidence.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { decide } from "./decide.ts";
import { ruleFor } from "./match.ts";
import type { Policy, PolicyRule, PolicySubject } from "./policy.ts";

/** An artifact, and what was seen of it. */
export interface SeenArtifact {
  readonly subject: PolicySubject;
  readonly evidence: readonly Evidence[];
  readonly judged: "bytes" | "digest";
}

/** What a rule that only warns will not let through once it is enforced. */
export interface Tightening<Artifact extends SeenArtifact> {
  readonly rule: string;
  /** The beginning of the day, in UTC; absent where the policy names none. */
  readonly from?: Date;
  /** Those that are not admitted then; none where everything is ready for it. */
  readonly refused: readonly { readonly artifact: Artifact; readonly verdict: Verdict }[];
}

/**
 * Judges again, by the same evidence, what rules with `mode = "warn"` apply to, as they will be judged when the rule is
 * enforced: on that day, with the exceptions that hold then. That the policy itself may have expired by then is left out.
 */
export function tightenings<Artifact extends SeenArtifact>(
  policy: Policy,
  artifacts: readonly Artifact[],
  now: Date,
): Tightening<Artifact>[] {
  const enforcing = { ...policy, allowsExpired: true, ...enforced(policy) };
  const byRule = Map.groupBy(artifacts, ({ subject }) => ruleFor(policy, subject));
  return [...policy.rules, policy.default].flatMap((rule) => {
    const ruled = byRule.get(rule);
    if (!onlyWarns(rule, now) || ruled === undefined) return [];
    const { name, enforceAfter: from } = rule;
    const refused = ruled.flatMap((artifact) => {
      const { subject, evidence, judged } = artifact;
      const verdict = decide(enforcing, subject, evidence, from ?? now, judged);
      return verdict.decision === "allow" ? [] : [{ artifact, verdict }];
    });
    return [{ rule: name, ...(from && { from }), refused }];
  });
}

function onlyWarns({ mode, enforceAfter }: PolicyRule, now: Date): boolean {
  return mode === "warn" && (enforceAfter === undefined || now < enforceAfter);
}

function enforced(policy: Policy): Pick<Policy, "rules" | "default"> {
  const enforce = (rule: PolicyRule): PolicyRule => (rule.mode === "warn" ? { ...rule, mode: "enforce" } : rule);
  return { rules: policy.rules.map(enforce), default: enforce(policy.default) };
}
