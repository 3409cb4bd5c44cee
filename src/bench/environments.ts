import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWheel } from "../testing/make-wheel.ts";
import type { Case } from "./harness.ts";

type Tspip = readonly [node: string, program: string];

/** As many distributions as a small and a large application have. */
const sizes = [98, 400];
/** Of each distribution: the median of the real ones that the audit is measured on. syft looks at every file. */
const files = 84;

/** Programs that list what an environment holds. */
export interface SbomPeers {
  readonly cyclonedx: string;
  /** None where it cannot be had. */
  readonly syft: string | undefined;
}

/** SBOMs of environments whose distributions need each other as real ones do. */
export function sbomCases(work: string, tspip: Tspip, { cyclonedx, syft }: SbomPeers): Case[] {
  return sizes.flatMap((size) => {
    const venv = madeEnvironment(work, tspip, size, files);
    const ours = { argv: [...tspip, "ext", "sbom", "--venv", venv, "-o", join(work, "ours.json")] } as const;
    const theirs = join(work, "theirs.json");
    const bySyft = (program: string): Case => ({
      name: `SBOM of ${size} distributions / syft`,
      bar: 0.08,
      ours,
      peer: { argv: [program, "scan", `dir:${venv}`, "-q", "-o", `cyclonedx-json=${theirs}`] },
    });
    return [
      {
        name: `SBOM of ${size} distributions / cyclonedx-py`,
        bar: 0.05,
        ours,
        peer: { argv: [cyclonedx, "environment", join(venv, "bin/python"), "-o", theirs] },
      },
      ...(syft === undefined ? [] : [bySyft(syft)]),
    ];
  });
}

/** Twice as many environments may take twice as long, and a tenth for the machine. */
export function manyEnvironmentsCase(work: string, tspip: Tspip): Case {
  const one = madeEnvironment(work, tspip, 20, 2);
  const copies = (count: number) => {
    const folder = join(work, `environments-${count}`);
    for (let at = 0; at < count; at++) cpSync(one, join(folder, String(at)), { recursive: true });
    return folder;
  };
  const tampered = copies(2);
  const changed = globSync("1/lib/python*/site-packages/made7/data.txt", { cwd: tampered });
  for (const path of changed) appendFileSync(join(tampered, path), "changed");
  return {
    twin: { argv: [...tspip, "audit", "--discover", tampered] },
    name: "audit of 50 environments / of 25",
    bar: 2.2,
    ours: { argv: [...tspip, "audit", "--discover", copies(50)] },
    peer: { argv: [...tspip, "audit", "--discover", copies(25)] },
  };
}

/** @param files of each distribution, beside its .dist-info */
function madeEnvironment(work: string, tspip: Tspip, size: number, files: number): string {
  const folder = join(work, `wheels-${size}`);
  mkdirSync(folder);
  const paths = Array.from({ length: size }, (_, at) => {
    const needs = [at + 1, at + 7, at * 2 + 1].filter((other) => other < size);
    const modules = Array.from({ length: files - 1 }, (_, module) => [`made${at}/module${module}.py`, "x = 1\n"]);
    const { filename, bytes } = makeWheel({
      name: `made${at}`,
      files: { [`made${at}/data.txt`]: "x".repeat(10_000), ...Object.fromEntries(modules) },
      metadata: [
        "Summary: One of many",
        ...needs.map((other) => `Requires-Dist: made${other}>=1; python_version >= "3"`),
      ],
    });
    const path = join(folder, filename);
    writeFileSync(path, bytes);
    return path;
  });
  const venv = join(work, `made-${size}`);
  execFileSync(tspip[0], [tspip[1], "install", "--no-deps", "--venv", venv, ...paths], { stdio: "ignore" });
  return venv;
}
