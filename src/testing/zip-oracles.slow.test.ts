import assert from "node:assert/strict";
import { test } from "node:test";
import { readCases, readText } from "./case.ts";
import fc from "./fast-check.ts";
import { makeWheel } from "./make-wheel.ts";
import { makeWheelOf } from "./wheel-case.ts";
import { ownReading, type Reading, yauzlReading, zipfileReadings, zipJsReading } from "./zip-oracles.ts";

/** What tspip reads, other readers read in the same way. */

const cases = readCases(new URL("../../testdata/wheel/", import.meta.url)).map((testCase) => ({
  name: testCase.name,
  bytes: makeWheelOf(JSON.parse(readText(testCase, "wheel.json"))).bytes,
}));

/** Where zip.js is stricter: it takes a ZIP64 end record that is not needed for a second reading, also when both agree. */
const refusedByZipJs = new Set(["zip64-end-beside"]);

test("zip.js, strict, reads every archive of testdata/wheel that we read, with the same contents", async () => {
  for (const { name, bytes } of cases) {
    const own = await ownReading(bytes);
    if (own.members === undefined) continue;
    const theirs = await zipJsReading(bytes);
    if (refusedByZipJs.has(name)) assert.match(theirs.refusal ?? "", /Ambiguous/, name);
    else assert.deepEqual(theirs, own, name);
  }
});

test("yauzl reads every archive of testdata/wheel that we read, with the same contents", async () => {
  for (const { name, bytes } of cases) {
    const own = await ownReading(bytes);
    if (own.members !== undefined) assert.deepEqual(await yauzlReading(bytes), own, name);
  }
});

test("Python's zipfile reads every archive of testdata/wheel that we read, with the same contents", async (context) => {
  const theirs = zipfileReadings(cases.map(({ bytes }) => bytes));
  if (theirs === undefined) return context.skip("there is no python3 on PATH");
  for (const [at, { name, bytes }] of cases.entries()) {
    const own = await ownReading(bytes);
    if (own.members !== undefined) assert.deepEqual(theirs[at], own, name);
  }
});

/** Archives of every shape that a byte may be bent in. */
const shapes = [
  makeWheel(),
  makeWheel({ bend: (members) => members.map((member) => ({ ...member, descriptor: "signed" })) }),
  makeWheel({ bend: (members) => members.map((member) => ({ ...member, stored: true, zip64: ["local", "central"] })) }),
  makeWheel({ zip: { zip64: {}, comment: Buffer.from("a comment") } }),
].map(({ bytes }) => bytes);

/** Ways to bend the byte at a place, or the piece that begins there; `how` chooses among what a way can do. */
const bends: readonly ((bytes: Buffer, at: number, how: number) => Buffer)[] = [
  (bytes, at, how) => withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << (how % 8))),
  (bytes, at, how) => withByte(bytes, at, [0, 0xff, how % 256][how % 3] ?? 0),
  (bytes, at, how) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + pieceLength(how))]),
  (bytes, at, how) => Buffer.concat([bytes.subarray(0, at + pieceLength(how)), bytes.subarray(at)]),
  (bytes, at, how) => Buffer.concat([bytes.subarray(at, at + pieceLength(how)), bytes]),
];

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.of(value), bytes.subarray(at + 1)]);
}

function pieceLength(how: number): number {
  return 1 + (how % 60);
}

const bent = fc
  .tuple(fc.constantFrom(...shapes), fc.nat(), fc.nat(), fc.constantFrom(...bends))
  .map(([bytes, where, how, bend]) => bend(bytes, where % bytes.length, how));

test("no bent archive that we read is read differently by zip.js, yauzl or zipfile", async (context) => {
  const accepted: { bytes: Buffer; own: Reading }[] = [];
  for (const bytes of fc.sample(bent, { numRuns: 3000, seed: 5 })) {
    const own = await ownReading(bytes);
    if (own.members !== undefined) accepted.push({ bytes, own });
  }
  // Time stamps, versions and attributes may be bent without changing what is read.
  assert.ok(accepted.length > 100 && accepted.length < 1500, `${accepted.length} accepted`);
  for (const { bytes, own } of accepted) {
    for (const theirs of [await zipJsReading(bytes), await yauzlReading(bytes)])
      if (theirs.members !== undefined) assert.deepEqual(theirs, own, bytes.toString("base64"));
  }
  const theirs = zipfileReadings(accepted.map(({ bytes }) => bytes));
  if (theirs === undefined) return context.skip("there is no python3 on PATH");
  for (const [at, { bytes, own }] of accepted.entries()) {
    if (theirs[at]?.members !== undefined) assert.deepEqual(theirs[at], own, bytes.toString("base64"));
  }
});
