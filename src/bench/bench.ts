import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { attestationCases } from "./cases/attestations.ts";
import { bootstrapCases } from "./cases/bootstrap.ts";
import { cosignCases } from "./cases/cosign.ts";
import { environmentCases } from "./cases/environments.ts";
import { lockGateCases } from "./cases/lock-gate.ts";
import { requirementCases } from "./cases/requirements.ts";
import { runCases } from "./cases/run.ts";
import { startCases } from "./cases/start.ts";
import { vulnerabilityCases } from "./cases/vulnerabilities.ts";
import { wheelCases } from "./cases/wheels.ts";
import { root } from "./clone.ts";
import { askTwins, type Case, isMet, type Measured, measure, type Outcome } from "./harness.ts";
import { peerVersions } from "./peers.ts";
import { line, withTable } from "./report.ts";

/**
 * `npm run bench`: ratios to peers, each in one run with them (docs/benchmarks.md says what each case means, and gets their
 * table). `npm run bench -- GROUP` measures one group; what the others need is not fetched.
 */
const groups: Readonly<Record<string, (work: string) => Case[] | Promise<Case[]>>> = {
  // First, as they are the most easily disturbed: by what was made and removed on the disk before, and by a host that gives
  // less to those who have just had much of its processors.
  requirements: requirementCases,
  run: runCases,
  start: startCases,
  attestations: attestationCases,
  cosign: cosignCases,
  bootstrap: bootstrapCases,
  environments: environmentCases,
  vulnerabilities: vulnerabilityCases,
  "lock-gate": lockGateCases,
  // Last, as it removes hundreds of thousands of files to make room: see puttingAside.
  wheels: wheelCases,
};

/** Bars of one process, without a peer: scripts of their own, which print and judge. */
const scripts = ["judge", "signatures"] as const;

const page = join(root, "docs/benchmarks.md");
const rounds = Number(process.env.TSPIP_BENCH_ROUNDS ?? 7);
const [startLoad = 0] = loadavg();
const [only] = process.argv.slice(2);
const outcomes: Outcome[] = [];
const work = mkdtempSync(join(tmpdir(), "tspip-bench-"));
try {
  const names = [...Object.keys(groups), ...scripts];
  if (only !== undefined && !names.includes(only))
    throw new Error(`There is no group "${only}", only ${names.join(", ")}`);
  for (const [group, casesIn] of Object.entries(groups)) {
    if (only !== undefined && only !== group) continue;
    await attempt(group, async () => measureGroup(await casesIn(work)));
    // All groups take an hour on a slow disk: what is measured stays, should somebody end it before.
    writeTable();
  }
  for (const script of scripts)
    if (only === undefined || only === script) await attempt(script, () => isScriptMet(script));
} finally {
  rmSync(work, { recursive: true, force: true });
}

function writeTable(): void {
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(page, withTable(readFileSync(page, "utf8"), outcomes, { day, machine: machine() }));
}

/** What cannot be had for one group (a wheel that the index lost) leaves the others to be measured. */
async function attempt(group: string, areMet: () => boolean | Promise<boolean>): Promise<void> {
  try {
    if (!(await areMet())) process.exitCode = 1;
  } catch (error) {
    process.stdout.write(`${group}: could not be measured: ${messageOf(error).slice(0, 300)}\n`);
    process.exitCode = 1;
  }
}

/** @returns whether all bars are met. @throws Error when a command fails, or tampered input is not refused */
function measureGroup(cases: readonly Case[]): boolean {
  const measured: (readonly [Case, Measured])[] = [];
  try {
    for (const each of cases) {
      const one = measure(each, rounds);
      measured.push([each, one]);
      process.stdout.write(`${line(one)}\n`);
    }
  } finally {
    // Behind all that is timed: a refused install removes what it had unpacked, and a disk is slower after that.
    for (const [each, one] of measured) outcomes.push({ ...one, twin: askTwins(each) });
  }
  return measured.every(([, one]) => isMet(one));
}

function isScriptMet(name: string): boolean {
  return spawnSync(process.execPath, [join(root, `src/bench/${name}.ts`)], { stdio: "inherit" }).status === 0;
}

function machine(): string {
  const python = execFileSync("python3", ["-c", "import platform; print(platform.python_version())"], {
    encoding: "utf8",
  });
  return [
    `${availableParallelism()} processors, of which others asked for ${startLoad.toFixed(1)} at the start`,
    `Node.js ${process.versions.node}`,
    `Python ${python.trim()}`,
    ...peerVersions(),
    `${rounds} rounds`,
  ].join(", ");
}
