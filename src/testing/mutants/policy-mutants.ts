import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { basename } from "node:path";
import { Worker } from "node:worker_threads";
import { ask } from "./ask.ts";
import { describe, mutationsOf } from "./mutate.ts";

/**
 * Bends every condition, number and operator of src/policy in every way of mutate.ts, and says which of these mutants no
 * test there notices. `npm run mutants:policy`, with words that the files' names begin with to bend only those, and with
 * a number N to take every Nth mutant.
 */

const folder = new URL("../../policy/", import.meta.url);
/** A mutant may loop for ever. */
const timeLimitMs = 60_000;
/** Each mutant loads the folder once more, and nothing unloads it. */
const mutantsPerWorker = 60;
/** The schema is another file's, and the properties are left to chance: what they alone notice counts as missed. */
const untried = ["schema.test.ts", "properties.test.ts"];

const step = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 1);
const wanted = process.argv.slice(2).filter((word) => !/^\d+$/.test(word));
const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
const mutants = names
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)))
  .flatMap((name) => {
    const url = new URL(name, folder);
    const source = stripTypeScriptTypes(readFileSync(url, "utf8"), { mode: "strip" });
    return mutationsOf(source).map((mutation) => ({ name, file: url.href, mutation }));
  })
  .filter((_, at) => at % step === 0);

const survivors: typeof mutants = [];
for (let first = 0; first < mutants.length; first += mutantsPerWorker)
  survivors.push(...(await findSurvivors(mutants.slice(first, first + mutantsPerWorker), first)));
const noticed = mutants.length - survivors.length;
const share = ((100 * noticed) / mutants.length).toFixed(1);
process.stdout.write(`${noticed} of ${mutants.length} mutants noticed (${share} %)\n`);

async function findSurvivors(some: typeof mutants, first: number): Promise<typeof mutants> {
  const found: typeof mutants = [];
  let worker = startWorker();
  for (const [at, mutant] of some.entries()) {
    const result = await ask(
      worker,
      { id: first + at, file: mutant.file, source: mutant.mutation.source },
      timeLimitMs,
    );
    if (result === "endless") {
      await worker.terminate();
      worker = startWorker();
    } else if (result.noticedBy === undefined) {
      found.push(mutant);
      process.stdout.write(`src/policy/${mutant.name}:${mutant.mutation.line}: ${describe(mutant.mutation)}\n`);
    }
    process.stderr.write(`\r${first + at + 1} of ${mutants.length} `);
  }
  await worker.terminate();
  return found;
}

function startWorker(): Worker {
  const tests = names.filter((name) => name.endsWith(".test.ts") && !untried.includes(basename(name)));
  const workerData = tests.map((name) => new URL(name, folder).href);
  return new Worker(new URL("policy-worker.ts", import.meta.url), { workerData });
}
