import assert from "node:assert/strict";
import { test } from "node:test";
import { takingTurns } from "./turns.ts";

/** Calls that end when they are told to, and which of them have begun. */
function calls(limit: number) {
  const inTurn = takingTurns(limit);
  const begun: string[] = [];
  return {
    begun,
    call(name: string) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const ended = inTurn(() => {
        begun.push(name);
        return promise;
      });
      return { ended, resolve: () => resolve(name), fail: () => reject(new Error(name)) };
    },
  };
}

test("takingTurns() lets so many calls be under way, and begins the others in their order", async () => {
  const { begun, call } = calls(2);
  const [a, b, c, d] = [call("a"), call("b"), call("c"), call("d")];
  assert.deepEqual(begun, ["a", "b"]);
  b.resolve();
  assert.equal(await b.ended, "b");
  assert.deepEqual(begun, ["a", "b", "c"]);
  for (const one of [a, c, d]) one.resolve();
  assert.deepEqual(await Promise.all([a.ended, c.ended, d.ended]), ["a", "c", "d"]);
});

test("takingTurns() goes on after a call that fails", async () => {
  const { begun, call } = calls(1);
  const [a, b] = [call("a"), call("b")];
  a.fail();
  await assert.rejects(a.ended, { message: "a" });
  b.resolve();
  assert.equal(await b.ended, "b");
  assert.deepEqual(begun, ["a", "b"]);
});
