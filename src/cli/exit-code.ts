import { EnvironmentError, IndexError, PolicyFileError, TrustError, TspipError, UsageError } from "../errors.ts";
import type { Host } from "./host.ts";
import type { Outcome } from "./report/report.ts";

/** docs/cli.md, "Exit codes": a contract with users and CI scripts. */
export const exitCodes = {
  done: 0,
  refused: 1,
  wrongRequest: 2,
  undecided: 3,
  environment: 4,
  bug: 70,
  interrupted: 130,
} as const;

const byOutcome: Record<Outcome, number> = {
  allowed: exitCodes.done,
  refused: exitCodes.refused,
  undecided: exitCodes.undecided,
};

export function exitCodeOf(outcome: Outcome): number {
  return byOutcome[outcome];
}

/** The exit code for something that was thrown. What is not one of our errors is a bug. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof UsageError || error instanceof PolicyFileError) return exitCodes.wrongRequest;
  if (error instanceof EnvironmentError) return exitCodes.environment;
  if (error instanceof IndexError || error instanceof TrustError) return exitCodes.undecided;
  // Bytes that we could not read outside the gate: a file the user named is not what he said it is.
  if (error instanceof TspipError) return exitCodes.wrongRequest;
  return exitCodes.bug;
}

/**
 * Whether what was thrown is a mistake in what the user gave: of several files, a command names it and goes on with the next. An
 * interruption and a bug end it.
 */
export function isMistake(error: unknown, { signal }: Pick<Host, "signal">): boolean {
  return exitCodeOfError(error) === exitCodes.wrongRequest && !signal.aborted;
}
