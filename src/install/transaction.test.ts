import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { faultyDisk } from "../testing/faulty-disk.ts";
import { snapshot, temporaryFolder } from "../testing/tree.ts";
import { realDisk } from "./disk.ts";
import { apply, type Journal, recover, stagePrefix } from "./transaction.ts";

/** An upgrade in small: one file stays the same path, one goes with its folder, one comes with a new folder. */
function prepareUpgrade(root: string): { journal: Journal; stage: string } {
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const stage = join(root, `${stagePrefix}1`);
  write("site/pkg/__init__.py", "old");
  write("site/pkg/gone/old.py", "old");
  write("site/other.py", "somebody else's");
  write(`${stagePrefix}1/new-0/0`, "new");
  write(`${stagePrefix}1/new-0/1`, "new");
  mkdirSync(join(stage, "old"));
  const at = (path: string) => join(root, "site", path);
  const journal: Journal = {
    departures: [
      { from: at("pkg/__init__.py"), to: join(stage, "old", "0") },
      { from: at("pkg/gone/old.py"), to: join(stage, "old", "1") },
    ],
    directories: [at("pkg/fresh"), at("pkg/fresh/deep")],
    arrivals: [
      { from: join(stage, "new-0", "0"), to: at("pkg/__init__.py") },
      { from: join(stage, "new-0", "1"), to: at("pkg/fresh/deep/new.py") },
    ],
  };
  return { journal, stage };
}

function oldAndNew() {
  using folder = temporaryFolder();
  const { journal, stage } = prepareUpgrade(folder.path);
  const site = join(folder.path, "site");
  const old = snapshot(site);
  apply(journal, stage, realDisk);
  assert.equal(
    Object.keys(snapshot(folder.path)).some((path) => path.startsWith(stagePrefix)),
    false,
    "the stage is gone",
  );
  return { old, new: snapshot(site) };
}

const states = oldAndNew();

test("apply() moves files in, and takes old ones and their empty folders away", () => {
  assert.deepEqual(Object.keys(states.new), [
    "other.py",
    "pkg",
    "pkg/__init__.py",
    "pkg/fresh",
    "pkg/fresh/deep",
    "pkg/fresh/deep/new.py",
  ]);
});

const operations = countOperations();

function countOperations(): number {
  using folder = temporaryFolder();
  const { journal, stage } = prepareUpgrade(folder.path);
  const disk = faultyDisk(Number.POSITIVE_INFINITY, "EIO");
  apply(journal, stage, disk);
  return disk.count();
}

for (const code of ["ENOSPC", "EIO", "EACCES", "kill"] as const) {
  test(`after ${code} at any operation the old or the new state holds, or recover() restores it`, () => {
    for (let failAt = 1; failAt <= operations; failAt++) {
      using folder = temporaryFolder();
      const { journal, stage } = prepareUpgrade(folder.path);
      const site = join(folder.path, "site");
      try {
        apply(journal, stage, faultyDisk(failAt, code));
      } catch {
        // What it throws is not what this test is about: the state on the disk is.
      }
      recover(folder.path, realDisk);
      const found = JSON.stringify(snapshot(site));
      const isWhole = [states.old, states.new].some((state) => JSON.stringify(state) === found);
      assert.ok(isWhole, `${code} at operation ${failAt} of ${operations} left a mixed state: ${found}`);
      assert.deepEqual(recover(folder.path, realDisk), [], "there is nothing left to repair");
    }
  });
}

test("apply() that fails throws, and has undone everything by itself", () => {
  using folder = temporaryFolder();
  const { journal, stage } = prepareUpgrade(folder.path);
  const before = snapshot(join(folder.path, "site"));
  assert.throws(() => apply(journal, stage, faultyDisk(6, "ENOSPC")), { code: "cannot-write" });
  assert.deepEqual(snapshot(join(folder.path, "site")), before);
  assert.deepEqual(recover(folder.path, realDisk), []);
});
