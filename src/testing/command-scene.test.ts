import assert from "node:assert/strict";
import { test } from "node:test";
import { setScene } from "./command-scene.ts";

test("a scene runs the program", async () => {
  await using scene = await setScene();
  const { exitCode, stderr } = await scene.tspip("verify");
  assert.equal(exitCode, 2);
  assert.match(stderr, /Nothing to do/);
});
