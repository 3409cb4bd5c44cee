import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { ArtifactError } from "../errors.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { createPool } from "./pool.ts";

/** A thread that answers with its task, throws it, or dies of it. */
const script = `
import { serve } from ${JSON.stringify(new URL("./pool.ts", import.meta.url).href)};
import { ArtifactError } from ${JSON.stringify(new URL("../errors.ts", import.meta.url).href)};
serve(async (task) => {
  if (task === "throw") throw new ArtifactError("archive-unreadable", "It is no archive", { hint: "Look again" });
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
  await assert.rejects(pool.run("throw"), (error) => {
    assert.ok(error instanceof ArtifactError);
    assert.deepEqual([error.code, error.message, error.hint], ["archive-unreadable", "It is no archive", "Look again"]);
    return true;
  });
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

test("createPool() outlives a thread that dies when it has nothing to do", async () => {
  await using pool = startPool(1);
  assert.equal(await pool.run("die later"), "die later");
  await setTimeout(1000);
  await assert.rejects(pool.run("later"), { message: "The thread died" });
});
