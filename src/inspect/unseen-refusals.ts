import { decide } from "../policy/decide.ts";
import type { Policy, PolicySubject } from "../policy/policy.ts";
import type { DenyVerdict } from "../verdict/verdict.ts";
import { type GateRequest, subjectOf } from "./gate-request.ts";

/**
 * Refuses artifacts by what is known of them without asking anybody: their names, and what an index says of them. What
 * is not refused so is for `passGate` to decide.
 *
 * Indexes list thousands of files one after the other of which only the names differ, so the last that passed is remembered.
 */
export function unseenRefusals(policy: Policy, now: Date): (request: GateRequest) => DenyVerdict | undefined {
  let passed: PolicySubject | undefined;
  return (request) => {
    const subject = subjectOf(request);
    if (passed !== undefined && differOnlyInName(subject, passed)) return undefined;
    const verdict = decide(policy, subject, [], now);
    if (verdict.decision === "deny") return verdict;
    passed = subject;
    return undefined;
  };
}

/** Whether all else that is known of two files is the same, value by value. */
function differOnlyInName(one: PolicySubject, other: PolicySubject): boolean {
  const keys = Object.keys(one) as (keyof PolicySubject)[];
  return (
    keys.length === Object.keys(other).length && keys.every((key) => key === "filename" || one[key] === other[key])
  );
}
