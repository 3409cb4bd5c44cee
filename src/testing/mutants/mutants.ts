import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { Worker } from "node:worker_threads";
import { readCases, readText } from "../case.ts";
import { makeWheelOf } from "../wheel-case.ts";
import { judgeWheel, readWheel } from "../wheel-reading.ts";
import { type Mutation, mutationsOf } from "./mutate.ts";
import type { Expectation, MutantResult, MutantTask } from "./worker.ts";

/**
 * Bends every check of src/wheel in every way of mutate.ts, and says which of these mutants no case of testdata/wheel
 * notices. `npm run mutants`, with words that the files' names begin with to bend only those.
 */

const folder = new URL("../../wheel/", import.meta.url);
/** A mutant may loop for ever. */
const timeLimitMs = 30_000;

const wanted = process.argv.slice(2);
const files = readdirSync(folder).filter(
  (name) => /^[a-z0-9-]+\.ts$/.test(name) && (wanted.length === 0 || wanted.some((word) => name.startsWith(word))),
);
const expectations = await readExpectations();
const mutants = files.flatMap((name) => {
  const url = new URL(name, folder);
  const source = stripTypeScriptTypes(readFileSync(url, "utf8"), { mode: "strip" });
  return mutationsOf(source).map((mutation) => ({ name, file: url.href, mutation }));
});

const survivors = await findSurvivors();
for (const { name, mutation } of survivors) {
  process.stdout.write(`src/wheel/${name}:${mutation.line}: ${describe(mutation)}\n`);
}
const noticed = mutants.length - survivors.length;
process.stdout.write(
  `${noticed} of ${mutants.length} mutants noticed (${((100 * noticed) / mutants.length).toFixed(1)} %)\n`,
);

async function readExpectations(): Promise<Expectation[]> {
  const cases = readCases(new URL("../../../testdata/wheel/", import.meta.url));
  const all = await Promise.all(
    cases.map(async (testCase) => {
      const { filename, bytes } = makeWheelOf(JSON.parse(readText(testCase, "wheel.json")));
      const { finding, notices } = await judgeWheel({ filename, bytes });
      return {
        name: testCase.name,
        filename,
        bytes,
        notices,
        ...(finding === undefined ? { reading: await readWheel({ filename, bytes }) } : { finding }),
      };
    }),
  );
  // Most mutants are noticed early, and large wheels take longest.
  return all.toSorted((a, b) => a.bytes.length - b.bytes.length);
}

async function findSurvivors() {
  const found: typeof mutants = [];
  let worker = startWorker();
  for (const [id, mutant] of mutants.entries()) {
    const result = await ask(worker, { id, file: mutant.file, source: mutant.mutation.source });
    if (result === "timeout") {
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

function ask(worker: Worker, task: MutantTask): Promise<MutantResult | "timeout"> {
  const { promise, resolve, reject } = Promise.withResolvers<MutantResult | "timeout">();
  const timer = setTimeout(() => resolve("timeout"), timeLimitMs);
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.postMessage(task);
  return promise.finally(() => {
    clearTimeout(timer);
    worker.off("error", reject);
  });
}

function describe({ from, to }: Mutation): string {
  return `\`${from}\` as \`${to}\``;
}
