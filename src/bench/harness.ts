import { spawnSync } from "node:child_process";

/** A command as a whole process. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** Done before each run and not timed: fresh folders, empty caches. */
  readonly prepare?: () => void;
}

/** One claim: ours takes at most `bar` times as long as the peer's, in the same run. */
export interface Case {
  readonly name: string;
  readonly bar: number;
  readonly ours: Command;
  readonly peer: Command;
  /** The same with tampered input: it must be refused, or the time says nothing. */
  readonly twin?: Command;
}

export interface Outcome {
  readonly name: string;
  readonly bar: number;
  /** Ours divided by the peer's, round by round; sorted. */
  readonly ratios: readonly number[];
  readonly median: number;
  /** Seconds, median. */
  readonly ours: number;
  readonly peer: number;
}

/**
 * Times both commands in turn, so that a machine that changes its speed changes it for both, and compares round by
 * round. One round before the first is not counted.
 */
export function measure({ name, bar, ours, peer, twin }: Case, rounds: number): Outcome {
  if (twin !== undefined && time(twin, false) === undefined) throw new Error(`${name}: tampered input was not refused`);
  const times = Array.from({ length: rounds + 1 }, () => [seconds(name, ours), seconds(name, peer)] as const).slice(1);
  const ratios = times.map(([own, other]) => own / other).sort((a, b) => a - b);
  return {
    name,
    bar,
    ratios,
    median: medianOf(ratios),
    ours: medianOf(times.map(([own]) => own)),
    peer: medianOf(times.map(([, other]) => other)),
  };
}

function seconds(name: string, command: Command): number {
  const taken = time(command, true);
  if (taken === undefined) throw new Error(`${name}: ${command.argv.join(" ").slice(0, 200)} failed`);
  return taken;
}

/** Seconds, or nothing when the command did not end as expected: with success, or with a refusal (exit 1). */
function time({ argv: [program, ...rest], cwd, prepare }: Command, succeeds: boolean): number | undefined {
  prepare?.();
  const start = performance.now();
  const { status } = spawnSync(program, rest, { cwd, stdio: "ignore" });
  const taken = (performance.now() - start) / 1000;
  return status === (succeeds ? 0 : 1) ? taken : undefined;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
