import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteRange } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { readRemoteMember } from "./remote-member.ts";

/** Asks for METADATA of a wheel whose directory is longer than the part that is asked for first. */
async function ask(maxBytes: number) {
  const files = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`example/module_${at}.py`, ""]));
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
  assert.ok(asked.length > 1 && asked.length <= 4, String(asked.length));
  assert.ok(asked[0] !== undefined && "last" in asked[0]);
});

test("readRemoteMember() holds no part in memory that is many times larger than the member may be", async () => {
  await assert.rejects(ask(10 << 10), { code: "archive-unreadable" });
});
