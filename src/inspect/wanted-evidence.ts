import { needsAttestations, needsIndex, needsSignatures, needsSummaries } from "../policy/condition.ts";
import { ruleFor } from "../policy/match.ts";
import type { Policy } from "../policy/policy.ts";
import { type GateRequest, subjectOf } from "./gate-request.ts";

/** Whether the policy has a use for attestations of `ref`; where it has none, nobody is asked for them. */
export function wantsAttestations(policy: Policy, request: GateRequest): boolean {
  if (request.lockedIdentities !== undefined) return true;
  const subject = subjectOf(request);
  return needsAttestations(policy, ruleFor(policy, subject), subject);
}

/** The same for wheel signatures. */
export function wantsSignatures(policy: Policy, request: GateRequest): boolean {
  const subject = subjectOf(request);
  return needsSignatures(policy, ruleFor(policy, subject), subject);
}

/** The same for verification summaries. */
export function wantsSummaries(policy: Policy, request: GateRequest): boolean {
  return needsSummaries(ruleFor(policy, subjectOf(request)));
}

/** Whether the verdict needs what an index says now. Of a digest alone, nobody else says anything. */
export function wantsIndex(policy: Policy, request: GateRequest): boolean {
  if (request.byDigest === true) return true;
  const subject = subjectOf(request);
  return needsIndex(policy, ruleFor(policy, subject), subject);
}
