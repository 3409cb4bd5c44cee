import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { openQuarantine } from "./quarantine.ts";

const processes = { pid: 7, isAlive: (pid: number) => pid === 8 };

test("openQuarantine() makes a private folder as near as can be, which goes with all in it", async () => {
  using folder = temporaryFolder();
  const at = join(folder.path, "not", "there", "yet");
  let path: string;
  {
    await using quarantine = await openQuarantine(at, processes);
    ({ path } = quarantine);
    assert.equal(dirname(path), folder.path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    mkdirSync(join(path, "0"));
  }
  assert.equal(existsSync(path), false);
});

test("openQuarantine() removes what killed processes left, in the folder and beside it, and nothing of the living", async () => {
  using folder = temporaryFolder();
  const env = join(folder.path, "env");
  for (const name of [".tspip-unpack-9-dead", ".tspip-unpack-8-alive", "mine"]) {
    mkdirSync(join(env, name), { recursive: true });
    mkdirSync(join(folder.path, name));
  }
  await using _quarantine = await openQuarantine(env, processes);
  assert.deepEqual(readdirSync(folder.path).sort(), [".tspip-unpack-8-alive", "env", "mine"]);
  assert.deepEqual(
    readdirSync(env).filter((name) => !name.startsWith(".tspip-unpack-7-")),
    [".tspip-unpack-8-alive", "mine"],
  );
});

test("openQuarantine() says where it cannot write", async () => {
  await assert.rejects(openQuarantine("/proc/1", processes), { code: "cannot-write" });
});
