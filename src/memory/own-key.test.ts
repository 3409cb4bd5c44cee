import assert from "node:assert/strict";
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { openOwnKey } from "./own-key.ts";

const owner = process.getuid?.();

test("openOwnKey() makes a key, and finds the one that was saved, which nobody else may read", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "not", "there", "cache.key");
  const [one, other] = [openOwnKey(path, owner), openOwnKey(path, owner)];
  assert.ok(one !== undefined && other !== undefined);
  assert.notDeepEqual(one.bytes, other.bytes);
  one.save();
  other.save();
  assert.deepEqual(openOwnKey(path, owner)?.bytes, one.bytes, "the first stays");
  if (owner !== undefined) assert.equal(statSync(path).mode & 0o777, 0o600);
});

const unusable: Record<string, (path: string) => void> = {
  "is too short": (path) => writeFileSync(path, "short", { mode: 0o600 }),
  "is a folder": (path) => mkdirSync(path),
  "is a link": (path) => {
    writeFileSync(`${path}.other`, Buffer.alloc(32), { mode: 0o600 });
    symlinkSync(`${path}.other`, path);
  },
  "others may read": (path) => {
    writeFileSync(path, Buffer.alloc(32));
    chmodSync(path, 0o644);
  },
};

for (const [what, make] of Object.entries(unusable)) {
  test(`openOwnKey() takes no key that ${what}`, { skip: owner === undefined }, () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "cache.key");
    make(path);
    assert.equal(openOwnKey(path, owner), undefined);
    rmSync(path, { recursive: true });
    assert.notEqual(openOwnKey(path, owner), undefined);
  });
}

test("openOwnKey() has none where no folder can be", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "home"), "");
  assert.equal(openOwnKey(join(folder.path, "home", "tspip", "cache.key"), owner), undefined);
});
