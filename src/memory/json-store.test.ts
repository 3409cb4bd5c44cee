import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { openJsonStore } from "./json-store.ts";

const now = new Date("2026-11-21T12:00:00Z");
const later = (ms: number) => new Date(now.getTime() + ms);

function open(directory: string, at: Date = now, warnings: string[] = []) {
  return openJsonStore({ directory, now: at, maxAgeMs: 1000, warn: (message) => void warnings.push(message) });
}

test("what is set is found by its key, until it is too old or from the future", async () => {
  using folder = temporaryFolder();
  const store = open(join(folder.path, "a/b"));
  await store.set(["x", "y"], { deep: [1, null] });
  assert.deepEqual(store.get(["x", "y"]), { deep: [1, null] });
  assert.equal(store.get(["xy"]), undefined);
  assert.deepEqual(open(join(folder.path, "a/b"), later(1000)).get(["x", "y"]), { deep: [1, null] });
  for (const at of [later(1001), later(-1)])
    assert.equal(open(join(folder.path, "a/b"), at).get(["x", "y"]), undefined);
});

test("many writers at once leave whole values and nothing else", async () => {
  using folder = temporaryFolder();
  const store = open(join(folder.path, "store"));
  const values = Array.from({ length: 50 }, (_, at) => String(at).repeat(5000));
  await Promise.all(values.map((value) => store.set(["same"], value)));
  assert.ok(values.includes(store.get(["same"]) as string));
  assert.equal(readdirSync(join(folder.path, "store")).length, 1);
});

test("a folder that cannot be made is said, and is no store", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "file"), "");
  const warnings: string[] = [];
  const store = open(join(folder.path, "file/store"), now, warnings);
  await store.set(["x"], 1);
  assert.equal(store.get(["x"]), undefined);
  assert.match(warnings.join(), /cannot be used/);
});

test("a folder that belongs to somebody else, or that everybody may replace, is not used", () => {
  using folder = temporaryFolder();
  const store = join(folder.path, "open/cache");
  mkdirSync(store, { recursive: true, mode: 0o700 });
  const warnings: string[] = [];
  const options = { directory: store, now, maxAgeMs: 1000, warn: (message: string) => void warnings.push(message) };
  const { uid } = statSync(store);
  openJsonStore({ ...options, owner: uid });
  assert.deepEqual(warnings, []);
  if (uid !== 0) openJsonStore({ ...options, owner: uid + 1 });
  chmodSync(join(folder.path, "open"), 0o777);
  openJsonStore({ ...options, owner: uid });
  assert.equal(warnings.length, uid === 0 ? 1 : 2);
  for (const warning of warnings) assert.match(warning, /is not used: others may write to "/);
});
