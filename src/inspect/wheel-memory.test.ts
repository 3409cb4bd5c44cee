import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ByteSource } from "../distribution/byte-source.ts";
import { parseFilename, type WheelFilename } from "../distribution/filename.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { snapshot, temporaryFolder } from "../testing/tree.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { inspectWheel } from "./inspect-wheel.ts";
import type { WheelInspection } from "./wheel-inspection.ts";
import { keepWheel } from "./wheel-memory.ts";

/** What was seen of a wheel is recalled for the same bytes, name, version and user; otherwise the wheel is read. */

const made = makeWheel({
  name: "example",
  files: {
    "example/__init__.py": "x = 1\n",
    "example/data/table.csv": "1,2\n",
    "example-1.0.data/scripts/tool": "#!python\n",
    "example.pth": "import example\n",
  },
});
const filename = wheelFilename(made.filename);
const seal = { key: Buffer.alloc(32, 1), subject: made.sha256 };
const unreadable: ByteSource = {
  size: made.bytes.length,
  read: () => assert.fail("the wheel is read"),
};

function wheelFilename(text: string): WheelFilename {
  const parsed = parseFilename(text);
  return parsed.kind === "wheel" ? parsed : assert.fail(`${text} is no wheel`);
}

/** The wheel, seen and kept, and what comes of asking for it again. */
async function keptWheel(folder: string) {
  const place = join(folder, "store", made.sha256);
  mkdirSync(join(folder, "store"));
  const bytes = openShared({ kind: "memory", bytes: made.bytes });
  const seen = await inspectWheel(bytes, filename, { folder: join(folder, "first"), seal });
  keepWheel({ tree: join(folder, "first"), place, mode: "copy", isReused: false });
  const stored = { folder: place, hardLinks: false };
  const again = (change: { readonly filename?: WheelFilename; readonly seal?: typeof seal } = {}) =>
    inspectWheel(unreadable, change.filename ?? filename, {
      folder: join(folder, "second"),
      stored,
      seal: change.seal ?? seal,
    });
  return { place, seen, again };
}

function withoutFolder({ evidence, unpacked }: WheelInspection) {
  assert.ok(unpacked !== undefined && !(unpacked instanceof Error));
  const { folder, ...rest } = unpacked;
  return { evidence, rest, files: snapshot(folder) };
}

test("inspectWheel() sees of a remembered wheel what it saw, notes and all, and reads no byte of it", async () => {
  using folder = temporaryFolder();
  const { seen, again } = await keptWheel(folder.path);
  const recalled = await again();
  assert.equal(recalled.isKept, true);
  assert.deepEqual(withoutFolder(recalled), withoutFolder(seen));
  assert.match(JSON.stringify(recalled.evidence), /runs code whenever Python starts/);
});

test("inspectWheel() believes nothing that is sealed by another key, or of other bytes, or seen under another name", async () => {
  using folder = temporaryFolder();
  const { again } = await keptWheel(folder.path);
  for (const change of [
    { seal: { ...seal, key: Buffer.alloc(32, 2) } },
    { seal: { ...seal, subject: "0".repeat(64) } },
    { filename: wheelFilename("example-1.0-py2-none-any.whl") },
  ])
    await assert.rejects(again(change), /the wheel is read/);
});

test("inspectWheel() reads the wheel when what it remembers, or a file of the tree, was changed", async () => {
  for (const tamper of [
    (place: string) => {
      const text = readFileSync(`${place}.json`, "utf8");
      writeFileSync(`${place}.json`, text.replace('"isExecutable":false', '"isExecutable":true'));
    },
    (place: string) => writeFileSync(`${place}.json`, ""),
    (place: string) => appendFileSync(join(place, "purelib/example/__init__.py"), "#"),
    (place: string) => writeFileSync(join(place, "purelib/example/__init__.py"), "x = 2\n"),
    (place: string) => renameSync(join(place, "purelib/example/data"), join(place, "purelib/example/other")),
  ]) {
    using folder = temporaryFolder();
    const { place, again } = await keptWheel(folder.path);
    tamper(place);
    await assert.rejects(again(), /the wheel is read/);
  }
});
