import type { Verdict } from "../../verdict/verdict.ts";
import { decide } from "../decide.ts";
import type { Policy } from "../policy.ts";
import { evidenceOf, subjectOf } from "./case-evidence.ts";
import type { PolicyCase } from "./policy-case.ts";

/** What a policy says of a case, and where that is not what the case expects. */
export interface JudgedCase {
  readonly policyCase: PolicyCase;
  readonly verdict: Verdict;
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly what: "decision" | "rule" | "findings";
  readonly expected: string;
  readonly actual: string;
}

/** @param today when cases are judged that do not say when */
export function judgeCase(policy: Policy, policyCase: PolicyCase, today: Date): JudgedCase {
  const now = policyCase.now === undefined ? today : new Date(policyCase.now);
  const verdict = decide(policy, subjectOf(policyCase), evidenceOf(policyCase), now);
  const { decision, rule, findings } = policyCase.expect;
  const ids = verdict.findings.map(({ id }) => id);
  const differences = [
    ...difference("decision", decision, verdict.decision),
    ...(rule === undefined ? [] : difference("rule", rule, verdict.rule)),
    ...(findings === undefined ? [] : difference("findings", listOf(findings), listOf(ids))),
  ];
  return { policyCase, verdict, differences };
}

function difference(what: Difference["what"], expected: string, actual: string): Difference[] {
  return expected === actual ? [] : [{ what, expected, actual }];
}

function listOf(ids: readonly string[]): string {
  return ids.length === 0 ? "none" : ids.join(", ");
}
