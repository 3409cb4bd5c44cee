import type { Evidence } from "../verdict/evidence.ts";
import { type Finding, finding, type Severity } from "../verdict/finding.ts";
import type { FindingId } from "../verdict/finding-catalog.ts";
import type { PolicySubject } from "./policy.ts";

/** What a condition is judged by. */
export interface Facts {
  readonly subject: PolicySubject;
  readonly evidence: readonly Evidence[];
  readonly now: Date;
  /** The name of the rule, for messages. */
  readonly rule: string;
}

/**
 * What is missing of a condition. `undecided`: evidence that could change the answer could not be had. `note`: nothing is
 * missing, and there is something to know.
 */
export interface Shortfall {
  readonly effect: "deny" | "undecided" | "warn" | "note";
  readonly id: FindingId;
  readonly text: string;
  /** The file that `text` says something about; absent where `text` speaks for itself. */
  readonly about?: string;
  /** The id of the exception that waives it. */
  readonly exception?: string;
}

export function deny(id: FindingId, { subject }: Facts, why: string): Shortfall {
  return { effect: "deny", id, text: why, about: subject.filename };
}

export function undecided({ subject }: Facts, why: string): Shortfall {
  return { effect: "undecided", id: "evidence-unavailable", text: why, about: subject.filename };
}

export function toFinding({ effect, id, text, about, exception }: Shortfall): Finding {
  const made = finding(id, about === undefined ? text : `${acts[effect]} "${about}": ${text}`, severities[effect]);
  return exception === undefined ? made : { ...made, exception };
}

const severities: Readonly<Record<Shortfall["effect"], Severity>> = {
  deny: "error",
  undecided: "error",
  warn: "warning",
  note: "note",
};

const acts: Readonly<Record<Shortfall["effect"], string>> = {
  deny: "Cannot admit",
  undecided: "Cannot decide about",
  warn: "Would not admit",
  note: "About",
};

/** The rule as messages name it. */
export function ruleLabel({ rule }: Facts): string {
  return `policy rule "${rule}"`;
}

/** Denials for what inspectors saw to be wrong, in their own words. */
export function problemsOf(kind: Evidence["kind"], facts: Facts): Shortfall[] {
  return facts.evidence.flatMap((seen): Shortfall[] => {
    if (seen.kind !== kind || seen.outcome !== "invalid") return [];
    // "Invalid" without a reason is invalid all the same.
    if (seen.problems.length === 0) return [deny(withoutReason[kind], facts, `"${kind}" failed without a reason`)];
    return seen.problems.map(({ id, message }) => ({ effect: "deny", id, text: message }));
  });
}

const withoutReason: Readonly<Record<Evidence["kind"], FindingId>> = {
  "index-digest": "index-hash-mismatch",
  "user-hash": "hash-mismatch",
  archive: "archive-unreadable",
  record: "record-unreadable",
  attestation: "attestation-invalid",
  "wheel-signature": "signature-invalid",
  summary: "summary-absent",
  inspector: "inspector-refused",
};

/** Each once and sorted, so that a message does not depend on the order of the evidence. */
export function listed(items: readonly string[], separator = ", "): string {
  return [...new Set(items)].sort().join(separator);
}

/** In UTC. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** The day that ends at `end`. */
export function lastDay(end: Date): string {
  return dayOf(new Date(end.getTime() - 1));
}
