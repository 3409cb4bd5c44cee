import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { Worker } from "node:worker_threads";
import { readCases, readText } from "../case.ts";
import { makeWheelOf } from "../wheel-case.ts";
import { judgeWheel, readWheel } from "../wheel-reading.ts";
import { ask } from "./ask.ts";
import { knownSurvivors } from "./known-survivors.ts";
import { describe, mutationsOf } from "./mutate.ts";
import type { Expectation } from "./worker.ts";

/**
 * `npm run mutants`: bends every check of src/wheel in every way of mutate.ts, and says which of these mutants no case of
 * testdata/wheel notices and known-survivors.ts does not explain. With words, only files whose names begin with them.
 *
 * What judges no wheel is left out: last-member.ts writes signatures into wheels, object-reference.ts reads what is installed,
 * and url-dependencies.ts what installers would fetch. So are inflater.ts, of which a mutant ends the whole process, and what stands
 * in for it. They have tests of their own.
 */
const leftOut = new Set([
  "inflater.ts",
  "documented-inflater.ts",
  "last-member.ts",
  "object-reference.ts",
  "url-dependencies.ts",
]);

const folder = new URL("../../wheel/", import.meta.url);
/** A mutant may loop for ever. */
const timeLimitMs = 30_000;

const wanted = process.argv.slice(2);
const files = readdirSync(folder).filter(
  (name) =>
    /^[a-z0-9-]+\.ts$/.test(name) &&
    !leftOut.has(name) &&
    (wanted.length === 0 || wanted.some((word) => name.startsWith(word))),
);
const expectations = await readExpectations();
const mutants = files.flatMap((name) => {
  const url = new URL(name, folder);
  const source = stripTypeScriptTypes(readFileSync(url, "utf8"), { mode: "strip" });
  const lines = source.split("\n").map((line) => line.trim());
  return mutationsOf(source).map((mutation) => ({
    name,
    file: url.href,
    mutation,
    code: lines[mutation.line - 1] ?? "",
  }));
});

const survivors = await findSurvivors();
const explained = knownSurvivors.flatMap(({ lines }) => lines);
const unexplained = survivors.filter(({ code }) => !explained.some((beginning) => code.startsWith(beginning)));
for (const { name, mutation, code } of unexplained) {
  process.stdout.write(`src/wheel/${name}:${mutation.line}: ${describe(mutation)} in ${code}\n`);
}
const noticed = mutants.length - survivors.length;
const share = (100 * noticed) / mutants.length;
process.stdout.write(
  `${noticed} of ${mutants.length} mutants noticed (${share.toFixed(1)} %), ${survivors.length - unexplained.length} of the others explained\n`,
);
process.exitCode = unexplained.length > 0 ? 1 : 0;

/** What the sources as they are make of every case, quick ones first: most mutants are noticed early. */
async function readExpectations(): Promise<Expectation[]> {
  const timed: { expectation: Expectation; time: number }[] = [];
  for (const testCase of readCases(new URL("../../../testdata/wheel/", import.meta.url))) {
    const { filename, bytes } = makeWheelOf(JSON.parse(readText(testCase, "wheel.json")));
    const start = performance.now();
    const { finding, notices } = await judgeWheel({ filename, bytes });
    const time = performance.now() - start;
    const answer = finding === undefined ? { reading: readWheel({ filename, bytes }) } : { finding };
    timed.push({ expectation: { name: testCase.name, filename, bytes, notices, ...answer }, time });
  }
  return timed.toSorted((a, b) => a.time - b.time).map(({ expectation }) => expectation);
}

async function findSurvivors() {
  const found: typeof mutants = [];
  let worker = startWorker();
  for (const [id, mutant] of mutants.entries()) {
    const result = await ask(worker, { id, file: mutant.file, source: mutant.mutation.source }, timeLimitMs);
    if (result === "endless") {
      await worker.terminate();
      worker = startWorker();
    } else if (result.noticedBy === undefined) {
      found.push(mutant);
    }
    process.stderr.write(`\r${id + 1} of ${mutants.length}, ${found.length} survive `);
  }
  await worker.terminate();
  process.stderr.write("\n");
  return found;
}

function startWorker(): Worker {
  return new Worker(new URL("worker.ts", import.meta.url), { workerData: expectations });
}
