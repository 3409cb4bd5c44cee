import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import * as errors from "../errors.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { createPool } from "./pool.ts";
import { nothingTaken, type Taken } from "./untaken.ts";

/** A thread that answers with its task, throws it, or dies of it; of a list, with the items that it took. */
const script = `
import { serve } from ${JSON.stringify(new URL("./pool.ts", import.meta.url).href)};
import { untaken } from ${JSON.stringify(new URL("./untaken.ts", import.meta.url).href)};
import * as errors from ${JSON.stringify(new URL("../errors.ts", import.meta.url).href)};
serve(async (task) => {
  if (task.items !== undefined) {
    const mine = [];
    for (const at of untaken(task.items.length, task.taken)) {
      const item = task.items[at];
      if (item === "broken") throw new Error("It is broken");
      await new Promise((resolve) => setTimeout(resolve, item));
      mine.push(item);
    }
    return mine.join();
  }
  const family = errors[task.replace("throw ", "")];
  if (family !== undefined) throw new family("archive-unreadable", "It is no archive", { hint: "Look again" });
  if (task === "never") return new Promise(() => {});
  if (task === "die later") setTimeout(() => { throw new Error("The thread died"); }, 100);
  if (task === "die") return new Promise(() => setImmediate(() => { throw new Error("The thread died"); }));
  return task;
});
`;

/** Each item takes so many milliseconds. */
interface Items {
  readonly items: readonly (number | "broken")[];
  readonly taken: Taken;
}

function startPool(size: number) {
  const folder = temporaryFolder();
  const path = join(folder.path, "thread.mjs");
  writeFileSync(path, script);
  const pool = createPool<string | Items, string>(pathToFileURL(path), size);
  return {
    run: pool.run,
    share: (items: Items["items"], most: number) => pool.share({ items, taken: nothingTaken() }, most),
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("createPool() answers every task, with more of them than threads", async () => {
  await using pool = startPool(2);
  assert.deepEqual(await Promise.all(["a", "b", "c", "d"].map(pool.run)), ["a", "b", "c", "d"]);
});

test("share() has idle threads take every item once, as many of them as may", async () => {
  await using pool = startPool(3);
  const items = Array.from({ length: 40 }, (_, at) => (at % 3) + 1);
  const parts = await pool.share(items, 2);
  assert.equal(parts.length, 2);
  assert.deepEqual(parts.flatMap((part) => part.match(/\d+/g) ?? []).sort(), items.map(String).sort());
});

test("share() takes in threads that become idle, after the tasks that wait", async () => {
  await using pool = startPool(2);
  const busy = pool.run("busy");
  const other = pool.share([50, 50], 1);
  const shared = pool.share([5, 100, 100, 100, 100], 2);
  const waiting = pool.run("waiting");
  assert.deepEqual([await busy, await waiting], ["busy", "waiting"]);
  assert.deepEqual((await other).length, 1);
  assert.equal((await shared).length, 2);
});

test("share() throws what one of the threads threw once all are done, and the pool goes on", async () => {
  await using pool = startPool(2);
  await assert.rejects(pool.share(["broken", 20, "broken", 20], 2), { message: "It is broken" });
  assert.deepEqual(await Promise.all([pool.run("a"), pool.run("b")]), ["a", "b"]);
});

test("share() fails with a thread that dies", async () => {
  await using pool = startPool(2);
  const died = pool.run("die");
  const shared = pool.share([100, 100, 100], 2);
  await assert.rejects(died, { message: "The thread died" });
  await shared;
  await assert.rejects(pool.share([1], 2), { message: "The thread died" });
});

test("createPool() throws what a task threw, as the error that it was, and goes on", async () => {
  await using pool = startPool(1);
  const families = Object.values(errors).filter((value) => value.prototype instanceof errors.TspipError);
  assert.equal(families.length, 8);
  const expected = { code: "archive-unreadable", message: "It is no archive", hint: "Look again" };
  for (const { name } of families) await assert.rejects(pool.run(`throw ${name}`), { name, ...expected });
  assert.equal(await pool.run("next"), "next");
});

test("createPool() fails every task that waits for a thread that died, and those that come", async () => {
  await using pool = startPool(1);
  const outcomes = await Promise.allSettled(["die", "waiting", "waiting too"].map(pool.run));
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.message),
    ["The thread died", "The thread died", "The thread died"],
  );
  await assert.rejects(pool.run("later"), { message: "The thread died" });
});

test("createPool() fails what its threads were asked when it is disposed of", async () => {
  const pool = startPool(1);
  const outcomes = Promise.allSettled([pool.run("never"), pool.run("waiting"), pool.share([1], 2)]);
  await pool[Symbol.asyncDispose]();
  for (const outcome of await outcomes)
    assert.equal(outcome.status === "rejected" && outcome.reason.message, "The thread has ended");
});

test("createPool() fails what comes after a thread has died with nothing to do, and the program goes on", async () => {
  await using pool = startPool(1);
  assert.equal(await pool.run("die later"), "die later");
  await setTimeout(1000);
  await assert.rejects(pool.run("later"), { message: "The thread died" });
});
