import { AttestationError, messageOf } from "../errors.ts";
import type { SignatureCheck } from "../trust/verification-key.ts";

/** The checks of an attestation, by the names that `--explain` and the cases in testdata give them. */
export type Check =
  | "bundle"
  | "certificate"
  | "certificate-chain"
  | "certificate-timestamp"
  | "timestamp"
  | "log-entry"
  | "signed-entry-timestamp"
  | "inclusion-proof"
  | "checkpoint"
  | "signature"
  | "statement"
  | "subject"
  | "predicate";

/** One check that was passed, with the values that were compared. */
export interface Step {
  readonly check: Check;
  readonly detail: string;
}

/**
 * Where checks write what they saw. Without a log nothing is written and, as `steps?.push(…)` evaluates its argument
 * only when there is one, nothing is computed either.
 */
export type StepLog = Step[] | undefined;

/** What the checks of one attestation share: who looks at its signatures, and where they write what they saw. */
export interface Verification {
  readonly isSignedBy: SignatureCheck;
  readonly steps?: StepLog;
}

/** An attestation that failed a check. `code` is the finding, `check` says more finely which one it was. */
export class VerificationError extends AttestationError {
  readonly check: Check;

  constructor(check: Check, message: string, options: { cause?: unknown } = {}) {
    super(check === "subject" ? "attestation-subject-mismatch" : "attestation-invalid", message, options);
    this.check = check;
  }
}

/**
 * The attestation verifies and is about something else than publishing or building: it counts for nothing, neither for
 * nor against the artifact.
 */
export class UncountedPredicateError extends AttestationError {
  readonly predicateType: string;

  constructor(predicateType: string) {
    super("attestation-absent", `Attestation counts for nothing: its predicate type is "${predicateType}"`);
    this.predicateType = predicateType;
  }
}

/** Runs `read`, turning what the readers of certificates throw into a failed check. */
export function orInvalid<Result>(check: Check, problem: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof VerificationError) throw error;
    throw new VerificationError(check, `${problem}: ${messageOf(error)}`, { cause: error });
  }
}
