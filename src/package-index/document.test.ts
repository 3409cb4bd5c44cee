import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { startFakeIndex } from "../testing/fake-index.ts";
import { answer, endless, faultAt, gzipBomb, type Respond, truncated } from "../testing/index-faults.ts";
import { getDocument } from "./document.ts";
import { createTransport } from "./transport.ts";

const maxBytes = 1 << 20;

/** Gets a document from an index that answers so, the first `times` times. */
async function documentFrom(respond: Respond, { retries = 0, times = Number.POSITIVE_INFINITY } = {}) {
  await using index = await startFakeIndex();
  index.fault = faultAt("/", respond, times);
  await using transport = createTransport({ online: true, timeoutMs: 2000, retries, userAgent: "tspip/test" });
  return await getDocument(new URL(index.url), { accept: "text/html", maxBytes }, transport);
}

const text = "a page of an index ".repeat(1000);
const encodings = { gzip: gzipSync, "x-gzip": gzipSync, GZIP: gzipSync, deflate: deflateSync, br: brotliCompressSync };

for (const [encoding, compress] of Object.entries(encodings)) {
  test(`getDocument() reads ${encoding}`, async () => {
    const headers = { "content-encoding": encoding, "content-type": "text/html; charset=utf-8" };
    const { bytes, contentType, status } = await documentFrom(answer(200, headers, compress(text)));
    assert.equal(bytes.toString(), text);
    assert.deepEqual([contentType, status], ["text/html; charset=utf-8", 200]);
  });
}

test("getDocument() reads a document that is not compressed, and an empty one", async () => {
  assert.equal((await documentFrom(answer(200, {}, text))).bytes.toString(), text);
  assert.equal((await documentFrom(answer(200, { "content-encoding": "gzip" }))).bytes.length, 0);
});

test("getDocument() stops at the limit, before and after decompressing", async () => {
  for (const respond of [
    endless("text/html"),
    answer(200, {}, Buffer.alloc(maxBytes + 1)),
    gzipBomb(maxBytes + 1),
    gzipBomb(200 << 20),
  ])
    await assert.rejects(documentFrom(respond), {
      name: "IndexError",
      code: "too-large",
      message: /longer than 1048576 bytes/,
    });
  assert.equal((await documentFrom(gzipBomb(maxBytes))).bytes.length, maxBytes);
});

test("getDocument() refuses what it cannot decompress", async () => {
  const zipped = gzipSync(text);
  const damaged = [text, zipped.subarray(0, zipped.length - 9), Buffer.concat([zipped, Buffer.from("tail")])];
  for (const body of damaged) {
    const respond = answer(200, { "content-encoding": "gzip" }, body);
    await assert.rejects(documentFrom(respond), { code: "index-answer-invalid" });
  }
  for (const encoding of ["zstd", "gzip, br", "constructor"]) {
    const respond = answer(200, { "content-encoding": encoding }, text);
    await assert.rejects(documentFrom(respond), { code: "index-answer-invalid", message: /unknown encoding/ });
  }
});

test("getDocument() asks again when the connection breaks within the document", async () => {
  const respond = truncated(Buffer.from(text));
  const { status } = await documentFrom(respond, { retries: 1, times: 1 });
  assert.equal(status, 404);
  await assert.rejects(documentFrom(respond, { retries: 1 }), { code: "answer-broken" });
});
