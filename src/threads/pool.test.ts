import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import * as errors from "../errors.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { createPool } from "./pool.ts";

/** A thread that answers with its task, throws it, or dies of it. */
const script = `
import { serve } from ${JSON.stringify(new URL("./pool.ts", import.meta.url).href)};
import * as errors from ${JSON.stringify(new URL("../errors.ts", import.meta.url).href)};
serve(async (task) => {
  const family = errors[task.replace("throw ", "")];
  if (family !== undefined) throw new family("archive-unreadable", "It is no archive", { hint: "Look again" });
  if (task === "die later") setTimeout(() => { throw new Error("The thread died"); }, 100);
  if (task === "die") return new Promise(() => setImmediate(() => { throw new Error("The thread died"); }));
  return task;
});
`;

function startPool(size: number) {
  const folder = temporaryFolder();
  const path = join(folder.path, "thread.mjs");
  writeFileSync(path, script);
  const pool = createPool<string, string>(pathToFileURL(path), size);
  return {
    run: pool.run,
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

test("createPool() fails what comes after a thread has died with nothing to do, and the program goes on", async () => {
  await using pool = startPool(1);
  assert.equal(await pool.run("die later"), "die later");
  await setTimeout(1000);
  await assert.rejects(pool.run("later"), { message: "The thread died" });
});
