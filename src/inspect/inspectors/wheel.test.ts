import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Artifact } from "../../distribution/artifact.ts";
import type { WheelFilename } from "../../distribution/filename.ts";
import { openTreeStore } from "../../memory/tree-store.ts";
import { localRef } from "../../package-index/client.ts";
import { makeWheel, type WheelDescription } from "../../testing/make-wheel.ts";
import { snapshot, temporaryFolder } from "../../testing/tree.ts";
import { openShared } from "../../threads/shared-bytes.ts";
import { inspectWheel } from "../inspect-wheel.ts";
import { wheelInspector } from "./wheel.ts";

/** A wheel that several threads unpack together is what it would be if one did. */

const files = Object.fromEntries(
  Array.from({ length: 60 }, (_, at) => [`example/part${at % 7}/file${at}.bin`, randomBytes(100_000)]),
);

function artifactOf(description: WheelDescription = {}): Artifact {
  const made = makeWheel({ files: { "example/__init__.py": "", ...files }, ...description });
  const shared = { kind: "memory", bytes: made.bytes } as const;
  return {
    ref: localRef(made.filename),
    bytes: openShared(shared),
    shared,
    path: made.filename,
    digests: { sha256: made.sha256 },
    size: made.bytes.length,
    close: async () => {},
  };
}

test("wheelInspector() has threads unpack a large wheel together, and each member is there once", async () => {
  using folder = temporaryFolder();
  const artifact = artifactOf();
  const trees = openTreeStore(join(folder.path, "trees"), { bytes: Buffer.alloc(32, 1), save() {} });
  const quarantine = join(folder.path, "together");
  mkdirSync(quarantine);
  await using inspector = wheelInspector(4, { quarantine, trees, linkMode: "copy" });
  const evidence = (await inspector.pre_extract?.(artifact)) ?? [];
  const alone = await inspectWheel(artifact.bytes, artifact.ref.filename as WheelFilename, {
    folder: join(folder.path, "alone"),
  });
  assert.deepEqual(evidence, alone.evidence);
  const unpacked = inspector.unpacked(artifact);
  assert.deepEqual({ ...unpacked, folder: "" }, { ...(alone.unpacked as object), folder: "" });
  assert.deepEqual(snapshot(unpacked.folder), snapshot(join(folder.path, "alone")));
  await inspector.keep([artifact]);
  assert.ok(existsSync(`${trees.place(artifact.digests.sha256)}.json`), "what was seen of it is remembered");
});

test("wheelInspector() keeps nothing of a wheel that lies where the user may write to it, and no tree that differs from it", async () => {
  using folder = temporaryFolder();
  const artifact: Artifact = { ...artifactOf(), isUnchanged: () => true };
  const trees = openTreeStore(join(folder.path, "trees"), { bytes: Buffer.alloc(32, 1), save() {} });
  const kept = trees.place(artifact.digests.sha256);
  mkdirSync(kept, { recursive: true });
  const quarantine = join(folder.path, "quarantine");
  mkdirSync(quarantine);
  await using inspector = wheelInspector(4, { quarantine, trees, linkMode: "copy" });
  await inspector.pre_extract?.(artifact);
  await inspector.keep([artifact]);
  assert.deepEqual([existsSync(kept), existsSync(`${kept}.json`)], [false, false]);
});

test("wheelInspector() says of a large wheel that differs from RECORD all that is wrong, in the wheel's order", async () => {
  using folder = temporaryFolder();
  const wrong = Object.keys(files).filter((_, at) => at % 9 === 0);
  const artifact = artifactOf({
    altered: Object.fromEntries(wrong.map((path) => [path, randomBytes(100_000)])),
    unlisted: { "example/more.py": "1" },
  });
  await using inspector = wheelInspector(4, { quarantine: folder.path, linkMode: "copy" });
  const evidence = (await inspector.pre_extract?.(artifact)) ?? [];
  const alone = await inspectWheel(artifact.bytes, artifact.ref.filename as WheelFilename);
  assert.deepEqual(evidence, alone.evidence);
  const [, record] = evidence;
  assert.equal(record?.outcome === "invalid" && record.problems.length, wrong.length + 1);
});

test("wheelInspector() looks at a large wheel that cannot be unpacked all the same, and says so when it is wanted", async () => {
  const artifact = artifactOf();
  await using inspector = wheelInspector(4, { quarantine: "/proc/1", linkMode: "copy" });
  const evidence = (await inspector.pre_extract?.(artifact)) ?? [];
  assert.deepEqual(
    evidence.map(({ outcome }) => outcome),
    ["verified", "verified"],
  );
  assert.throws(() => inspector.unpacked(artifact), { code: "cannot-write" });
});
