import { isMet, type Measured, type Outcome, type Usage } from "./harness.ts";

/** What `npm run bench` prints, and the table in docs/benchmarks.md that it writes. */

const begin = "<!-- npm run bench writes this table -->";
const end = "<!-- to here -->";
const head = [
  "| case | bar | median (spread) | tspip | peer | tampered twin | measured | |",
  "|---|---|---|---|---|---|---|---|",
];

export function line(outcome: Measured): string {
  const { name, bar, median, memoryBar, ours, peer } = outcome;
  const memory = memoryBar === undefined ? "" : `, memory bar ${memoryBar} MB`;
  const judged = bar === undefined ? "no bar" : `bar ${bar.toFixed(2)}${memory} ${isMet(outcome) ? "met" : "MISSED"}`;
  return `${name}: ${median.toFixed(2)} (${spread(outcome)}), ${judged}; ${used(ours)} against ${used(peer)}`;
}

/** When and on what was measured. */
export interface Setting {
  /** As YYYY-MM-DD. */
  readonly day: string;
  /** Processors, versions, rounds, in words. */
  readonly machine: string;
}

/**
 * The page with the rows of these cases; those of cases that were not measured stay as they are.
 * @throws Error when the page has no place for the table
 */
export function withTable(page: string, outcomes: readonly Outcome[], { day, machine }: Setting): string {
  const [start, stop] = [page.indexOf(begin), page.indexOf(end)];
  if (start === -1 || stop < start) throw new Error(`There is no place for the table: "${begin}" to "${end}"`);
  const before = page.slice(start + begin.length, stop).split("\n");
  const old = before
    .filter((row) => row.startsWith("| ") && !head.includes(row))
    .map((row) => [nameOf(row), row] as const);
  const rows = new Map([...old, ...outcomes.map((outcome) => [outcome.name, tableRow(outcome, day)] as const)]);
  const table = ["", "", `The last run, ${day}: ${machine}.`, "", ...head, ...rows.values(), "", ""].join("\n");
  return `${page.slice(0, start + begin.length)}${table}${page.slice(stop)}`;
}

function tableRow(outcome: Outcome, day: string): string {
  const { name, bar, median, memoryBar, ours, peer, twin } = outcome;
  const time = bar?.toFixed(2) ?? "–";
  const bars = memoryBar === undefined ? time : `${time}, ${memoryBar} MB`;
  const cells = [
    name,
    bars,
    `${median.toFixed(2)} (${spread(outcome)})`,
    used(ours),
    used(peer),
    twin === "none" ? "–" : twin,
    day,
    bar === undefined ? "–" : isMet(outcome) ? "met" : "**missed**",
  ];
  return `| ${cells.join(" | ")} |`;
}

function nameOf(row: string): string {
  return row.split(" | ")[0]?.slice(2) ?? "";
}

function spread({ ratios }: Measured): string {
  return `${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)}`;
}

/** Seconds by the clock, of processor time, and the peak of memory. */
function used({ seconds, cpu, memory }: Usage): string {
  return `${seconds.toFixed(2)} s, ${cpu.toFixed(2)} s CPU, ${Math.round(memory)} MB`;
}
