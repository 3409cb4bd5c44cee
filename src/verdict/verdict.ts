import type { Artifact } from "../distribution/artifact.ts";
import type { Evidence } from "./evidence.ts";
import type { Finding } from "./finding.ts";

/** The answer of the policy about one artifact. `rule` is the name of the rule that applied. */
export type Verdict = AllowVerdict | DenyVerdict | UndecidedVerdict;

interface Judged {
  readonly rule: string;
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding[];
}
/** Every condition is met. Its findings, if any, are warnings and notes. */
export interface AllowVerdict extends Judged {
  readonly decision: "allow";
}
/** At least one condition is unmet, and no further evidence could change that. */
export interface DenyVerdict extends Judged {
  readonly decision: "deny";
}
/** No condition is known to be unmet, but evidence that one of them needs could not be had. */
export interface UndecidedVerdict extends Judged {
  readonly decision: "undecided";
}

declare const admitted: unique symbol;

/** An artifact the policy allowed. Only `inspect/admit.ts` makes one, and `install/` takes nothing else. */
export type AdmittedArtifact = Artifact & { readonly [admitted]: true; readonly verdict: AllowVerdict };
