import assert from "node:assert/strict";
import { test } from "node:test";
import { startThread } from "./pool.ts";
import { shareWork } from "./shared-work.ts";

/** Says for every number where it was done. */
const doHere = (task: number) => `${task} here`;
const script = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
const answering = script(`
  import { parentPort } from "node:worker_threads";
  parentPort.on("message", (task) => parentPort.postMessage({ result: task + " there" }));
`);

test("a thread and this one share what there is to do, and every task is done once, in whatever place", async () => {
  await using thread = startThread<number, string>(answering);
  const { run } = shareWork(thread, doHere);
  const results = await Promise.all(Array.from({ length: 200 }, (_, task) => run(task)));
  assert.deepEqual(
    results.map((result) => Number(result.split(" ")[0])),
    Array.from({ length: 200 }, (_, task) => task),
  );
  assert.deepEqual([...new Set(results.map((result) => result.split(" ")[1]))].sort(), ["here", "there"]);
  assert.equal(await run(200), "200 there", "one that comes alone is the thread's");
});

for (const [what, code] of [
  ["cannot be loaded", "import './is-not-there.js'"],
  [
    "throws at every task",
    `import { parentPort } from "node:worker_threads"; parentPort.on("message", () => nothing());`,
  ],
  [
    "ends at the third task",
    "import { parentPort } from 'node:worker_threads'; let count = 0; parentPort.on('message', (task) => ++count < 3 ? parentPort.postMessage({ result: task + ' there' }) : process.exit());",
  ],
  [
    "answers with errors",
    `import { parentPort } from "node:worker_threads";
    const error = { family: "", code: "", message: "no" };
    parentPort.on("message", () => parentPort.postMessage({ error }));`,
  ],
] as const) {
  test(`what a thread does not do that ${what} is done here`, async () => {
    await using thread = startThread<number, string>(script(code));
    const { run } = shareWork(thread, doHere);
    const results = await Promise.all(Array.from({ length: 50 }, (_, task) => run(task)));
    assert.deepEqual(
      results.map((result) => Number.parseInt(result, 10)),
      Array.from({ length: 50 }, (_, task) => task),
    );
    assert.equal(await run(50), "50 here", "a thread that has ended is not waited for");
  });
}

test("a task that can be done nowhere rejects with the error it has here", async () => {
  await using thread = startThread<number, string>(script("process.exit()"));
  const { run } = shareWork(thread, (task): string => {
    throw new Error(`${task} cannot be done`);
  });
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, task) => run(task)));
  assert.deepEqual(
    results.map((result) => result.status === "rejected" && result.reason.message),
    Array.from({ length: 8 }, (_, task) => `${task} cannot be done`),
  );
});
