import assert from "node:assert/strict";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scanInstalled } from "../environment/scan.ts";
import { makeEnvironment, makeItem, quietly } from "../testing/install-scene.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { install } from "./install.ts";

/** `npm run races` does the same with processes. */

test("of many writers at once, each waits for the others, also where a dead process left its lock", async () => {
  for (let round = 0; round < 5; round++) {
    using folder = temporaryFolder();
    const environment = makeEnvironment(join(folder.path, "env"));
    if (round % 2 === 0) symlinkSync("999999", join(environment.root, ".tspip-lock"));
    const writers = ["1.0", "2.0", "3.0", "4.0"].map(async (version, at) => {
      const files = { "example/__init__.py": version, [`example/only_${at}.py`]: version };
      const item = await makeItem({ version, files }, join(folder.path, "quarantine"));
      const processes = { pid: at + 1, isAlive: (pid: number) => pid <= 4 };
      await install([item], environment, { ...quietly(), processes });
    });
    await Promise.all(writers);
    const { installed } = await scanInstalled([environment.schemes.purelib]);
    assert.equal(installed.length, 1);
    const [only] = installed;
    for (const { path } of only?.record ?? []) assert.ok(existsSync(join(environment.schemes.purelib, path)), path);
    assert.equal(existsSync(join(environment.root, ".tspip-lock")), false);
  }
});
