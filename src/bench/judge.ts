import { performance } from "node:perf_hooks";
import { evidenceOf, subjectOf } from "../policy/cases/case-evidence.ts";
import { decide } from "../policy/decide.ts";
import { parsePolicy } from "../policy/parse.ts";
import type { Policy } from "../policy/policy.ts";

/**
 * `node src/bench/judge.ts`: how long it takes to judge artifacts by a policy with 200 rules, each with a glob, a version
 * specifier and a signer, where the rule that matches stands anywhere among them; 10,000 artifacts have to take less
 * than a second. How the time grows with their number is told.
 */
const rules = 200;
const now = new Date("2026-11-21T12:00:00Z");
const policy = parsePolicy(policyText(), "bench.toml");

const [half, whole, twice] = [5_000, 10_000, 20_000].map(bestOfFive);
process.stdout.write(`bar: 10000 artifacts in 1 s: ${(whole ?? 1) < 1 ? "met" : "MISSED"}; 20000 take `);
process.stdout.write(`${((twice ?? 0) / (half ?? 1)).toFixed(1)} times as long as 5000\n`);
process.exitCode = (whole ?? 1) < 1 ? 0 : 1;

/** Seconds; the best, as whatever else the machine does only adds. */
function bestOfFive(artifacts: number): number {
  const seconds = Math.min(...Array.from({ length: 5 }, () => judgeAll(artifacts)));
  process.stdout.write(`${artifacts} artifacts, ${rules} rules: ${seconds.toFixed(3)} s\n`);
  return seconds;
}

function policyText(): string {
  const signers = Array.from(
    { length: rules },
    (_, at) => `[signers.s${at}]\nkind = "github"\nrepository = "acme/project-${at}"\nworkflow = "release.yml"\n`,
  );
  const tables = Array.from(
    { length: rules },
    (_, at) =>
      `[[rule]]\nmatch = { name = "project-${at}-*", version = ">=1, <9" }\nattestation = "require"\npublish = { signer = "s${at}" }\nmin-age = "P3D"\nmissing-time = "ignore"\n`,
  );
  return ["version = 1", ...signers, ...tables].join("\n");
}

/** Seconds. Making the artifacts is not counted. */
function judgeAll(artifacts: number, by: Policy = policy): number {
  const given = Array.from({ length: artifacts }, (_, at) => {
    const made = {
      artifact: { filename: `project_${at % (rules + 20)}_x-1.${at}-py3-none-any.whl` },
      attestations: [
        { publish: { kind: "github", repository: `acme/project-${at % (rules + 20)}`, workflow: "release.yml" } },
      ],
    } as const;
    return [subjectOf(made), evidenceOf(made)] as const;
  });
  const start = performance.now();
  const allowed = given.filter(([subject, evidence]) => decide(by, subject, evidence, now).decision === "allow");
  const seconds = (performance.now() - start) / 1000;
  if (allowed.length !== artifacts) throw new Error(`Only ${allowed.length} of ${artifacts} artifacts were admitted`);
  return seconds;
}
