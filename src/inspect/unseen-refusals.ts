import { decide } from "../policy/decide.ts";
import type { Policy, PolicySubject } from "../policy/policy.ts";
import type { DenyVerdict } from "../verdict/verdict.ts";
import { type GateRequest, subjectOf } from "./gate-request.ts";

/**
 * Refuses artifacts by what is known of them without asking anybody: their names, and what an index says of them. What
 * is not refused so is for `passGate` to decide.
 *
 * Indexes list thousands of files of which little more than the names differs, so of each kind the last that passed is remembered.
 */
export function unseenRefusals(policy: Policy, now: Date): (request: GateRequest) => DenyVerdict | undefined {
  const passed: { [kind in PolicySubject["kind"]]?: PolicySubject } = {};
  const mayDiffer = ofNoAccount(policy);
  return (request) => {
    const subject = subjectOf(request);
    const last = passed[subject.kind];
    if (last !== undefined && areAlike(subject, last, mayDiffer)) return undefined;
    const verdict = decide(policy, subject, [], now);
    if (verdict.decision === "deny") return verdict;
    passed[subject.kind] = subject;
    return undefined;
  };
}

/** What may be known of two files and makes no difference to this policy. */
function ofNoAccount({ rules, default: last, exceptions, floor }: Policy): ReadonlySet<keyof PolicySubject> {
  const all = [...rules, last];
  const isAboutVersions =
    floor.deny.length > 0 ||
    all.some(({ continuity }) => continuity !== undefined) ||
    [...rules, ...exceptions].some(({ match }) => match.version !== undefined);
  const isAboutAges = all.some(({ minAge }) => minAge !== undefined);
  return new Set([
    "filename" as const,
    ...(isAboutVersions ? [] : ["version" as const]),
    ...(isAboutAges ? [] : ["uploadTime" as const]),
  ]);
}

/** Whether all else that is known of two files is the same, value by value. */
function areAlike(one: PolicySubject, other: PolicySubject, mayDiffer: ReadonlySet<keyof PolicySubject>): boolean {
  const isSame = (key: string) => {
    const field = key as keyof PolicySubject;
    return mayDiffer.has(field) || one[field] === other[field];
  };
  return Object.keys(one).every(isSame) && Object.keys(other).every(isSame);
}
