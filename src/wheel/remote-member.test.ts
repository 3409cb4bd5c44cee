import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { ByteRange } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { readOneMember } from "./one-member.ts";
import { readRemoteMember } from "./remote-member.ts";

/** Asks for METADATA of a wheel whose directory is longer than the part that is asked for first. */
async function ask(maxBytes: number) {
  const files = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`example/module_${at}.py`, ""]));
  const { bytes } = makeWheel({ files });
  const asked: ByteRange[] = [];
  const missing = (count: number) => new ArtifactError("no-core-metadata", `${count} of them`);
  const member = await readRemoteMember({ name: /^[^/]+\.dist-info\/METADATA$/, maxBytes, missing }, async (range) => {
    asked.push(range);
    const [start, end] =
      "last" in range ? [Math.max(0, bytes.length - range.last), bytes.length] : [range.from, range.to + 1];
    return { bytes: Buffer.from(bytes.subarray(start, end)), start, size: bytes.length };
  });
  return { text: String(member), asked };
}

test("readRemoteMember() asks for the end of the archive, and for what else it takes", async () => {
  const { text, asked } = await ask(1 << 20);
  assert.match(text, /^Name: example$/m);
  // With the rest of the directory comes what stands before it, where METADATA mostly is.
  assert.equal(asked.length, 2);
  assert.ok(asked[0] !== undefined && "last" in asked[0]);
});

test("readOneMember() reads no gap behind a member, and none that begins behind the directory", () => {
  const missing = (count: number) => new ArtifactError("no-core-metadata", `${count} of them`);
  const { bytes } = makeWheel({ files: { "example/data.bin": randomBytes(1 << 20) } });
  const source = {
    size: bytes.length,
    read: (position: number, length: number) => Buffer.from(bytes.subarray(position, position + length)),
  };
  const wanted = { name: /\/METADATA$/, maxBytes: 1 << 10, missing };
  assert.match(String(readOneMember(source, wanted)), /^Name: example$/m);
  // Where the directory says that members begin: METADATA as `own` says, all others as `others` does.
  const moved = (own: (start: number) => number, others: (start: number) => number) => {
    const bent = Buffer.from(bytes);
    const marker = Buffer.from([0x50, 0x4b, 1, 2]);
    for (let at = bent.indexOf(marker); at >= 0; at = bent.indexOf(marker, at + 1)) {
      const name = bent.toString("latin1", at + 46, at + 46 + bent.readUInt16LE(at + 28));
      const start = bent.readUInt32LE(at + 42);
      bent.writeUInt32LE(name.endsWith("/METADATA") ? own(start) : others(start), at + 42);
    }
    return { ...source, read: (position: number, length: number) => bent.subarray(position, position + length) };
  };
  const same = (start: number) => start;
  assert.match(String(readOneMember(moved(same, same), wanted)), /^Name: example$/m);
  for (const bent of [
    moved(() => bytes.length - 10, same),
    moved(
      () => 0,
      () => 900_000,
    ),
  ])
    assert.throws(() => readOneMember(bent, wanted), { code: "archive-unreadable" });
});

test("readRemoteMember() holds no part in memory that is many times larger than the member may be", async () => {
  await assert.rejects(ask(10 << 10), { code: "archive-unreadable" });
});
