import assert from "node:assert/strict";
import { test } from "node:test";
import type { Artifact } from "../distribution/artifact.ts";
import type { ByteSource } from "../distribution/byte-source.ts";
import { parseFilename } from "../distribution/filename.ts";
import { readCases, readText } from "../testing/case.ts";
import { makeWheel, type WheelDescription } from "../testing/make-wheel.ts";
import { makeWheelOf } from "../testing/wheel-case.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { secondReader } from "./inspectors/second-reader.ts";
import { differenceOfReadings } from "./second-reading.ts";

const inMemory = (bytes: Buffer) => openShared({ kind: "memory", bytes });

test("yauzl reads every sound wheel of testdata/wheel as we do", async () => {
  for (const testCase of readCases(new URL("../../testdata/wheel/", import.meta.url))) {
    if (testCase.expect !== undefined) continue;
    const source = inMemory(makeWheelOf(JSON.parse(readText(testCase, "wheel.json"))).bytes);
    assert.equal(await differenceOfReadings(openArchive(source), source), undefined, testCase.name);
  }
});

const plain: WheelDescription = { name: "read", files: { "read/a.py": "a = 1\n", "read/b.py": "b = 1\n" } };
const differences: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  "other bytes": [
    wheel({ files: { "read/a.py": "a = 2\n", "read/b.py": "b = 1\n" } }),
    /different bytes as .*"read\/a.py"/,
  ],
  "one member less": [
    wheel({ files: { "read/a.py": "a = 1\n" } }),
    /tspip finds a member "read\/b.py", yauzl does not/,
  ],
  "one member more": [
    wheel({ unlisted: { "read/c.py": "" }, record: {} }),
    /yauzl finds a member "read\/c.py", tspip does not/,
  ],
  nothing: [Buffer.from("no archive"), /tspip reads the archive, yauzl does not: /],
};

for (const [what, [theirs, message]] of Object.entries(differences)) {
  test(`a second reading that finds ${what} is a difference`, async () => {
    assert.match((await differenceOfReadings(openArchive(inMemory(wheel({}))), inMemory(theirs))) ?? "", message);
  });
}

test("the inspector refuses a wheel that yauzl reads differently, and leaves what has no reading to others", async () => {
  const bytes = wheel({});
  const inspect = async (source: ByteSource) => {
    const ref = { filename: parseFilename("read-1.0-py3-none-any.whl") };
    return secondReader.pre_extract?.({ ref, bytes: source } as Artifact);
  };
  assert.deepEqual(await inspect(inMemory(bytes)), []);
  assert.deepEqual(await inspect(inMemory(bytes.subarray(0, -1))), []);
  assert.match(
    JSON.stringify(await inspect(await turning(bytes))),
    /"invalid".*second-opinion-disagrees.*yauzl does not/,
  );
});

function wheel(more: WheelDescription): Buffer {
  return makeWheel({ ...plain, ...more }).bytes;
}

/** Bytes that are zeros once we have read all that we read of them. */
async function turning(bytes: Buffer): Promise<ByteSource> {
  const sound = inMemory(bytes);
  let reads = 0;
  const count = () => {
    reads++;
    return sound;
  };
  const counting: ByteSource = { size: bytes.length, read: (at, length) => count().read(at, length) };
  const archive = openArchive(counting);
  for (const entry of archive.entries) for await (const _ of archive.chunks(entry));
  return { size: bytes.length, read: (at, length) => (reads-- > 0 ? sound.read(at, length) : Buffer.alloc(length)) };
}
