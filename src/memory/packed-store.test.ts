import assert from "node:assert/strict";
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { openPackedStore } from "./packed-store.ts";

const now = new Date("2026-11-21T12:00:00Z");
const later = (ms: number) => new Date(now.getTime() + ms);

function open(directory: string, { occasion = "uv.lock", at = now, warnings = [] as string[] } = {}) {
  const options = { directory, now: at, maxAgeMs: 1000, warn: (message: string) => void warnings.push(message) };
  return openPackedStore(options, occasion);
}

/** A folder with a pack of two values, and no file for either. */
async function onlyPacked(directory: string): Promise<string> {
  const store = open(directory);
  await store.set(["one"], { deep: [1, null] });
  await store.set(["two\t", "\n"], "zwei\tö\n");
  await store.pack();
  return removeFiles(directory);
}

/** @returns the path of the pack that stays */
function removeFiles(directory: string): string {
  const [packs, files] = [".pack", ".json"].map((end) => readdirSync(directory).filter((name) => name.endsWith(end)));
  for (const name of files ?? []) rmSync(join(directory, name));
  assert.equal(packs?.length, 1);
  return join(directory, packs[0] ?? "");
}

test("what was needed together comes out of one file", async () => {
  using folder = temporaryFolder();
  await onlyPacked(folder.path);
  const store = open(folder.path);
  assert.deepEqual(store.get(["one"]), { deep: [1, null] });
  assert.equal(store.get(["two\t", "\n"]), "zwei\tö\n");
  assert.equal(store.get(["three"]), undefined);
});

test("a value that only its file has is in the pack next time, and what was there stays", async () => {
  using folder = temporaryFolder();
  await onlyPacked(folder.path);
  await open(folder.path, { occasion: "other.lock" }).set(["three"], 3);
  const store = open(folder.path);
  assert.equal(store.get(["three"]), 3);
  await store.pack();
  removeFiles(folder.path);
  assert.deepEqual(
    [["one"], ["three"]].map((key) => open(folder.path).get(key)),
    [{ deep: [1, null] }, 3],
  );
});

test("nothing is written where nothing was lacking", async () => {
  using folder = temporaryFolder();
  const path = await onlyPacked(folder.path);
  const { ino } = statSync(path);
  const store = open(folder.path);
  store.get(["one"]);
  store.get(["nowhere"]);
  await store.pack();
  assert.equal(statSync(path).ino, ino);
});

test("each value keeps its own time: one that is too old, or from the future, is a miss, and leaves the pack", async () => {
  using folder = temporaryFolder();
  await onlyPacked(folder.path);
  for (const at of [later(1001), later(-1)]) assert.equal(open(folder.path, { at }).get(["one"]), undefined);
  assert.deepEqual(open(folder.path, { at: later(1000) }).get(["one"]), { deep: [1, null] });

  const store = open(folder.path, { at: later(1001) });
  await store.set(["new"], "new");
  await store.pack();
  const path = removeFiles(folder.path);
  assert.equal(open(folder.path, { at: later(1001) }).get(["new"]), "new");
  assert.doesNotMatch(readFileSync(path, "utf8"), /deep/);
});

test("what was set last counts, also against the pack", async () => {
  using folder = temporaryFolder();
  await onlyPacked(folder.path);
  const store = open(folder.path);
  await store.set(["one"], "newer");
  assert.equal(store.get(["one"]), "newer");
  await store.pack();
  assert.equal(open(folder.path).get(["one"]), "newer");
});

test("a pack with any byte altered, cut off, or something behind it is as good as none", async () => {
  using folder = temporaryFolder();
  const path = await onlyPacked(folder.path);
  const whole = readFileSync(path);
  const broken = [
    ...Array.from(whole.keys(), (at) => whole.with(at, (whole[at] ?? 0) ^ 1)),
    ...Array.from(whole.keys(), (at) => whole.subarray(0, at)),
    Buffer.concat([whole, Buffer.from('["one"]\t{}\n')]),
  ];
  for (const bytes of broken) {
    writeFileSync(path, bytes);
    assert.equal(open(folder.path).get(["one"]), undefined);
  }
  const store = open(folder.path);
  await store.set(["one"], "asked anew");
  await store.pack();
  removeFiles(folder.path);
  assert.equal(open(folder.path).get(["one"]), "asked anew");
});

test("a pack that was moved answers for its own keys and no others", async () => {
  using folder = temporaryFolder();
  const path = await onlyPacked(folder.path);
  using elsewhere = temporaryFolder();
  const other = open(elsewhere.path);
  await other.set(["three"], 3);
  await other.pack();
  copyFileSync(removeFiles(elsewhere.path), path);
  assert.equal(open(folder.path).get(["one"]), undefined);
  assert.equal(open(folder.path).get(["three"]), 3);
});

test("many writers at once leave a whole pack, and every value can be had", async () => {
  using folder = temporaryFolder();
  const keys = Array.from({ length: 30 }, (_, at) => [`key ${at}`]);
  await Promise.all(
    keys.map(async (key) => {
      const store = open(folder.path);
      await store.set(key, "x".repeat(5000));
      await store.pack();
    }),
  );
  assert.equal(readdirSync(folder.path).length, 31, "nothing is left over");
  const store = open(folder.path);
  for (const key of keys) assert.equal(store.get(key), "x".repeat(5000));
  await store.pack();
  removeFiles(folder.path);
  for (const key of keys) assert.equal(open(folder.path).get(key), "x".repeat(5000));
});

test("a pack in a folder that others may write to is not read", async () => {
  using folder = temporaryFolder();
  await onlyPacked(folder.path);
  chmodSync(folder.path, 0o777);
  const warnings: string[] = [];
  assert.equal(open(folder.path, { warnings }).get(["one"]), undefined);
  assert.match(warnings.join(), /is not used: others may write to it/);
  chmodSync(folder.path, 0o700);
});
