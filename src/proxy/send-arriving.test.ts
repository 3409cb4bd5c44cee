import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import { type GrowingFile, growingFile } from "../package-index/arriving.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { finding } from "../verdict/finding.ts";
import { createCatalog } from "./catalog.ts";
import type { FileAnswer } from "./file-answer.ts";
import { startLoopbackIndex } from "./loopback-index.ts";

const bytes = Buffer.alloc(3 << 20, "0123456789abcdef");
const filename = "demo-1.0-py3-none-any.whl";
const ref: ArtifactRef = {
  filename: parseFilename(filename),
  url: new URL(`https://files.example/${filename}`),
  digests: { sha256: digestOf(bytes) },
  source: { kind: "index", url: new URL("https://index.example/simple/") },
  provenance: "unknown",
};
const held: Artifact = {
  ref,
  bytes: { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) },
  shared: { kind: "memory", bytes },
  path: "/nowhere",
  digests: { sha256: digestOf(bytes) },
  size: bytes.length,
  close: async () => {},
};
const refusal: FileAnswer = { isAdmitted: false, decision: "deny", findings: [finding("record-mismatch", "no")] };

/** A file on its way: all of it lies there, and the verdict is open. */
async function startArriving() {
  const folder = temporaryFolder();
  const path = join(folder.path, filename);
  writeFileSync(path, bytes);
  const verdict = Promise.withResolvers<FileAnswer>();
  let arriving: GrowingFile = growingFile(path, bytes.length);
  const catalog = createCatalog({ files: async () => [{ files: [ref], skipped: [], warnings: [] }] }, () => undefined);
  const content = { catalog, metadata: async () => bytes, file: () => verdict.promise, arriving: () => arriving };
  const index = await startLoopbackIndex({ ...content, patienceMs: 50 });
  return {
    url: new URL(`../files/demo/${filename}`, index.url),
    verdict,
    arrive: (length: number) => arriving.grow(length),
    remove: () => rmSync(path),
    beginAnew: () => {
      arriving = growingFile(path, bytes.length);
    },
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const pip = { "user-agent": "pip/25.3 {}" };

/** Reads until `length` bytes are there, or the end. */
async function readSome(reader: ReadableStreamDefaultReader<Uint8Array>, length: number): Promise<number> {
  let had = 0;
  while (had < length) {
    const { done, value } = await reader.read();
    if (done) break;
    had += value.length;
  }
  return had;
}

test("a file is sent while it arrives, the last byte when it is admitted", async () => {
  await using file = await startArriving();
  file.arrive(2 << 20);
  const response = await fetch(file.url, { headers: pip });
  assert.equal(response.headers.get("content-length"), String(bytes.length));
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const first = await readSome(reader, (2 << 20) - 1024);
  assert.equal(first, (2 << 20) - 1024, "what is not there is not sent");
  file.arrive(1 << 20);
  const second = await readSome(reader, 1 << 20);
  assert.equal(first + second, bytes.length - 1024, "the end waits for the verdict");
  file.verdict.resolve({ isAdmitted: true, artifact: held });
  assert.equal(first + second + (await readSome(reader, 1024)), bytes.length);
});

test("what is refused, and what is not what was judged, ends before its last byte", async () => {
  for (const end of ["refused", "failed", "began anew"] as const) {
    await using file = await startArriving();
    file.arrive(bytes.length);
    const response = await fetch(file.url, { headers: pip });
    const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    const had = await readSome(reader, bytes.length - 1024);
    assert.equal(had, bytes.length - 1024);
    if (end === "began anew") file.beginAnew();
    if (end === "refused") file.verdict.resolve(refusal);
    else if (end === "failed") file.verdict.reject(new Error("no way there"));
    else file.verdict.resolve({ isAdmitted: true, artifact: held });
    await assert.rejects(readSome(reader, 1024), end);
    if (end === "refused")
      assert.equal((await fetch(file.url, { headers: pip })).status, 403, "and whoever asks again is told");
  }
});

test("a download that has failed is answered like any other", async () => {
  await using file = await startArriving();
  file.remove();
  const response = fetch(file.url, { headers: pip });
  setTimeout(() => file.verdict.resolve(refusal), 200);
  assert.equal((await response).status, 403);
});

test("who does not compare digests, or wants a range, gets nothing before the verdict", async () => {
  await using file = await startArriving();
  file.arrive(bytes.length);
  for (const headers of [{ "user-agent": "curl/8" }, { ...pip, range: "bytes=0-10" }])
    await assert.rejects(fetch(file.url, { headers, signal: AbortSignal.timeout(300) }), JSON.stringify(headers));
});

test("a client hears of us while it waits for the verdict", async () => {
  await using file = await startArriving();
  file.arrive(bytes.length);
  const response = await fetch(file.url, { headers: pip });
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  await readSome(reader, bytes.length - 1024);
  assert.equal(await readSome(reader, 1), 1);
});
