import assert from "node:assert/strict";
import { test } from "node:test";
import { renewed } from "./renewed.ts";

/** Things with numbers, and which of them are gone. */
function things() {
  let [made, time, fails] = [0, 0, false];
  const gone: number[] = [];
  const make = async () => {
    if (fails) throw new Error("no way there");
    const number = ++made;
    return { number, [Symbol.asyncDispose]: async () => void gone.push(number) };
  };
  return {
    gone,
    thing: renewed(make, 100, () => time),
    pass: (ms: number) => {
      time += ms;
    },
    fail: (isFailing: boolean) => {
      fails = isFailing;
    },
  };
}

test("renewed() lends the same one until it is old, and disposes it when its last user is done", async () => {
  const { thing, gone, pass } = things();
  const held = Promise.withResolvers<void>();
  const long = thing.use(async ({ number }) => {
    await held.promise;
    return number;
  });
  pass(100);
  assert.equal(await thing.use(async ({ number }) => number), 1);
  pass(1);
  assert.equal(await thing.use(async ({ number }) => number), 2);
  assert.deepEqual(gone, []);
  held.resolve();
  assert.equal(await long, 1);
  assert.deepEqual(gone, [1]);
  pass(-101);
  assert.equal(await thing.use(async ({ number }) => number), 3, "the clock was set back");
  await thing[Symbol.asyncDispose]();
  assert.deepEqual(gone, [1, 2, 3]);
});

test("renewed() asks again when one could not be made, and keeps one whose user failed", async () => {
  const { thing, gone, fail } = things();
  fail(true);
  await assert.rejects(thing.use(async () => {}));
  fail(false);
  await assert.rejects(thing.use(() => Promise.reject(new Error("the user's own"))));
  assert.equal(await thing.use(async ({ number }) => number), 1);
  thing.expire();
  assert.equal(await thing.use(async ({ number }) => number), 2);
  assert.deepEqual(gone, [1]);
});
