import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../testing/tree.ts";
import { removeLater } from "./remove-later.ts";

const userId = process.getuid?.();

/** A folder to be removed, what a killed process left beside it, and somebody's own. */
function fill(around: string): string {
  for (const name of ["tspip-abc", "tspip-removed-left", "mine"]) {
    mkdirSync(join(around, name, "inside"), { recursive: true });
    writeFileSync(join(around, name, "inside", "file"), name);
  }
  return join(around, "tspip-abc");
}

async function leftIn(folder: string, names: readonly string[]): Promise<string[]> {
  for (let tries = 0; tries < 200 && readdirSync(folder).length > names.length; tries++) await sleep(50);
  return readdirSync(folder);
}

test("removeLater() takes a folder away at once; it goes, and what was left before goes with it", async () => {
  using around = temporaryFolder();
  const folder = fill(around.path);
  removeLater(folder, { platform: "linux", userId });
  assert.equal(existsSync(folder), false);
  assert.deepEqual(await leftIn(around.path, ["mine"]), ["mine"]);
});

test("removeLater() leaves what is another user's", async () => {
  using around = temporaryFolder();
  removeLater(fill(around.path), { platform: "linux", userId: (userId ?? 0) + 1 });
  const kept = ["mine", "tspip-removed-left"];
  assert.deepEqual(await leftIn(around.path, kept), kept);
});

test("removeLater() removes it itself where there is no program for that", () => {
  using around = temporaryFolder();
  removeLater(fill(around.path), { platform: "win32", userId: undefined });
  assert.deepEqual(readdirSync(around.path), ["mine"]);
});
