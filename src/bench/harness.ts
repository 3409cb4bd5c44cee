import { execFileSync } from "node:child_process";

/** A command as a whole process. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** Done before each run and not timed: fresh folders, empty caches. */
  readonly prepare?: () => void;
}

/** One claim: ours takes at most `bar` times as long as the peer's, in the same run. Without a bar, it is only told. */
export interface Case {
  readonly name: string;
  readonly bar?: number;
  /** What is compared: by the clock, when nothing is said; or seconds of processor time, where the machine's threads differ. */
  readonly by?: "seconds" | "cpu";
  /** The most that ours may hold, in MB. */
  readonly memoryBar?: number;
  /** Done once, before anything of the case runs. */
  readonly begin?: () => void;
  readonly ours: Command;
  readonly peer: Command;
  /** The same with tampered input: it must be refused (exit 1), or the time says nothing. Of what judges nothing, none. */
  readonly twin?: Command;
  /** The peer's, where it judges the same: it must fail as well. */
  readonly peerTwin?: Command;
}

/** What one run of a command took. */
export interface Usage {
  readonly seconds: number;
  /** Seconds of processor time, of all its threads and processes. */
  readonly cpu: number;
  /** MB, the peak of its largest process. */
  readonly memory: number;
}

export interface Measured {
  readonly name: string;
  readonly bar?: number;
  readonly memoryBar?: number;
  /** Ours divided by the peer's, round by round; sorted. */
  readonly ratios: readonly number[];
  readonly median: number;
  /** Medians of the rounds; the most memory. */
  readonly ours: Usage;
  readonly peer: Usage;
}

export interface Outcome extends Measured {
  readonly twin: "refused" | "refused by both" | "none";
}

/**
 * What is over soon is easily disturbed: within these seconds it is measured more often, up to so many times as often. What has
 * a place to be prepared is not: the more files were made and removed just before, the slower is a disk.
 */
const quick = { seconds: 25, times: 3 };

/**
 * Times both commands in turn, so that a machine that changes its speed changes it for both, and compares round by
 * round. One round before the first is not counted.
 * @param rounds at least so many
 * @throws Error when a command fails
 */
export function measure({ name, bar, by = "seconds", memoryBar, begin, ours, peer }: Case, rounds: number): Measured {
  begin?.();
  const round = () => [succeeding(name, ours), succeeding(name, peer)] as const;
  round();
  const start = performance.now();
  const counted = Array.from({ length: rounds }, round);
  const most = ours.prepare === undefined && peer.prepare === undefined ? rounds * quick.times : rounds;
  while (counted.length < most && performance.now() - start < quick.seconds * 1000) counted.push(round());
  const ratios = counted.map(([own, other]) => own[by] / other[by]).sort((a, b) => a - b);
  return {
    name,
    ...(bar !== undefined && { bar }),
    ...(memoryBar !== undefined && { memoryBar }),
    ratios,
    median: medianOf(ratios),
    ours: typical(counted.map(([own]) => own)),
    peer: typical(counted.map(([, other]) => other)),
  };
}

/** Runs the tampered twins of a case. @throws Error when one is not refused */
export function askTwins({ name, twin, peerTwin }: Case): Outcome["twin"] {
  if (twin !== undefined && usage(twin).status !== 1) throw new Error(`${name}: tampered input was not refused`);
  if (peerTwin !== undefined && usage(peerTwin).status === 0)
    throw new Error(`${name}: tampered input was not refused by the peer`);
  return twin === undefined ? "none" : peerTwin === undefined ? "refused" : "refused by both";
}

export function isMet({ median, bar, memoryBar, ours }: Measured): boolean {
  return (bar === undefined || median <= bar) && (memoryBar === undefined || ours.memory <= memoryBar);
}

function succeeding(name: string, command: Command): Usage {
  const used = usage(command);
  if (used.status !== 0) throw new Error(`${name}: ${command.argv.join(" ").slice(0, 200)} ended with ${used.status}`);
  return used;
}

const measuring = new URL("run_measured.py", import.meta.url).pathname;

function usage({ argv, cwd, prepare }: Command): Usage & { readonly status: number } {
  prepare?.();
  return JSON.parse(execFileSync("python3", [measuring, ...argv], { cwd, encoding: "utf8", maxBuffer: 1 << 20 }));
}

function typical(runs: readonly Usage[]): Usage {
  return {
    seconds: medianOf(runs.map(({ seconds }) => seconds)),
    cpu: medianOf(runs.map(({ cpu }) => cpu)),
    memory: Math.max(...runs.map(({ memory }) => memory)),
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
