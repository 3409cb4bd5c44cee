import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { concurrently } from "./concurrently.ts";

test("concurrently() gives results in order, and starts nothing after a failure", async () => {
  const double = async (item: number) => {
    if (item % 2 === 0) await setImmediate();
    return item * 2;
  };
  assert.deepEqual(await concurrently([1, 2, 3, 4], 2, double), [2, 4, 6, 8]);
  const started: number[] = [];
  const failing = concurrently([1, 2, 3, 4, 5, 6], 2, async (item) => {
    started.push(item);
    await setImmediate();
    if (item === 2) throw new Error("two");
  });
  await assert.rejects(failing, { message: "two" });
  for (let turns = 0; turns < 10; turns++) await setImmediate();
  assert.deepEqual(started, [1, 2, 3]);
});
