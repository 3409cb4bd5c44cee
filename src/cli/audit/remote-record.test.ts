import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { ArtifactRef } from "../../distribution/artifact.ts";
import { createTransport } from "../../package-index/transport.ts";
import { startFakeIndex } from "../../testing/fake-index.ts";
import { makeWheel, type WheelDescription } from "../../testing/make-wheel.ts";
import { readRemoteRecord } from "./remote-record.ts";

/** Asks for RECORD of a wheel on an index, and for how many parts of the file that took. */
async function remoteRecord(description: WheelDescription, bend: (bytes: Buffer) => Buffer = (bytes) => bytes) {
  await using index = await startFakeIndex();
  await using transport = createTransport({ online: true, timeoutMs: 5000, retries: 0, userAgent: "test" });
  const { filename, bytes } = makeWheel(description);
  index.add({ filename, bytes: bend(bytes) });
  const url = new URL(`${index.origin}/files/${filename}`);
  const rows = await readRemoteRecord({ url } as ArtifactRef, transport);
  return { rows, requests: index.requests.length, bytes };
}

test("readRemoteRecord() reads a small wheel in one part", async () => {
  const { rows, requests } = await remoteRecord({});
  assert.ok(rows?.some(({ path }) => path.endsWith(".dist-info/METADATA")));
  assert.equal(requests, 1);
});

test("readRemoteRecord() asks for what is missing: a long directory, and a RECORD that lies before it", async () => {
  const files = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`example/module_${at}.py`, ""]));
  const bend: WheelDescription["bend"] = (members) =>
    members.toSorted((a) => (String(a.path).endsWith("RECORD") ? -1 : 1));
  const { rows, requests, bytes } = await remoteRecord({
    files: { ...files, "example/data.bin": randomBytes(1 << 20) },
    bend,
  });
  assert.equal(rows?.length, 3004);
  assert.ok(requests > 1 && requests <= 4, String(requests));
  assert.ok(bytes.length > 1 << 20);
});

test("readRemoteRecord() is nothing where the server refuses a part: the whole may be had", async () => {
  await using index = await startFakeIndex();
  await using transport = createTransport({ online: true, timeoutMs: 5000, retries: 0, userAgent: "test" });
  const url = new URL(`${index.origin}/files/demo-1.0-py3-none-any.whl`);
  for (const status of [403, 404, 416]) {
    index.fault = (_, response) => {
      response.writeHead(status).end();
      return true;
    };
    assert.equal(await readRemoteRecord({ url } as ArtifactRef, transport), undefined);
  }
});

test("readRemoteRecord() refuses what is no archive, and one without RECORD", async () => {
  await assert.rejects(
    remoteRecord({}, () => Buffer.from("no archive")),
    { code: "archive-unreadable" },
  );
  const bend: WheelDescription["bend"] = (members) => members.filter(({ path }) => !String(path).endsWith("RECORD"));
  await assert.rejects(remoteRecord({ bend }), { code: "record-absent" });
});

test("readRemoteRecord() refuses a RECORD that inflates to more than any wheel has, before it does", async () => {
  const bend: WheelDescription["bend"] = (members) =>
    members.map((member) =>
      String(member.path).endsWith("RECORD") ? { ...member, content: Buffer.alloc(33 << 20) } : member,
    );
  await assert.rejects(remoteRecord({ bend }), { code: "archive-too-large" });
});
