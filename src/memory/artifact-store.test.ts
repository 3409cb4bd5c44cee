import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../distribution/digest.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { openArtifactStore } from "./artifact-store.ts";

const bytes = Buffer.from("a wheel");
const sha256 = digestOf(bytes);

test("what is kept is read where it lies, or copied where others may write to the folder", async () => {
  using folder = temporaryFolder();
  const [from, to] = ["from.whl", "to.whl"].map((name) => join(folder.path, name)) as [string, string];
  writeFileSync(from, bytes);
  const directory = join(folder.path, "store");
  const own = openArtifactStore(directory, () => true);
  assert.equal(own.find(sha256), undefined);
  await own.keep(sha256, from);
  const kept = own.find(sha256) ?? assert.fail("It is not kept");
  assert.deepEqual(readFileSync(kept), bytes);

  const shared = openArtifactStore(directory, () => false);
  assert.equal(shared.find(sha256), undefined);
  assert.equal(await shared.take(sha256, to), true);
  assert.notEqual(statSync(to).ino, statSync(kept).ino);
});

test("what is read where it lies stays there when it is kept once more", async () => {
  using folder = temporaryFolder();
  const from = join(folder.path, "from.whl");
  writeFileSync(from, bytes);
  const store = openArtifactStore(join(folder.path, "store"), () => true);
  await store.keep(sha256, from);
  const kept = store.find(sha256) ?? assert.fail("It is not kept");
  await store.keep(sha256, kept);
  assert.deepEqual(readFileSync(kept), bytes);
  await store.discard(sha256);
  assert.ok(!existsSync(kept));
});

test("what is no file is a miss", async () => {
  using folder = temporaryFolder();
  const store = openArtifactStore(folder.path, () => true);
  mkdirSync(join(folder.path, sha256.slice(0, 2), sha256), { recursive: true });
  assert.equal(store.find(sha256), undefined);
  const other = "0".repeat(64);
  writeFileSync(join(folder.path, other.slice(0, 2)), "in the way");
  assert.equal(store.find(other), undefined);
  assert.equal(await store.take(other, join(folder.path, "to.whl")), false);
  assert.ok(!existsSync(join(folder.path, "to.whl")));
});
