import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteSource } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { storedArchive } from "./stored-archive.ts";

/** Zeros that nobody holds in memory. */
function zeros(size: number): ByteSource {
  return { size, read: (_, length) => Buffer.alloc(length) };
}

/** What was written, without the zeros of long members. */
function sparse(chunks: Iterable<Buffer>): ByteSource {
  const pieces: { readonly at: number; readonly bytes: Buffer }[] = [];
  let size = 0;
  for (const bytes of chunks) {
    if (bytes.length < 1 << 20) pieces.push({ at: size, bytes: Buffer.from(bytes) });
    size += bytes.length;
  }
  return {
    size,
    read(position, length) {
      const buffer = Buffer.alloc(length);
      for (const { at, bytes } of pieces) {
        const from = Math.max(0, position - at);
        if (at < position + length && from < bytes.length) bytes.copy(buffer, Math.max(0, at - position), from);
      }
      if (position + length > size) throw new ArtifactError("archive-unreadable", "it ends");
      return buffer;
    },
  };
}

test("members beyond 4 GiB: sizes and places in ZIP64, memory as for small ones", async () => {
  const large = 2 ** 32 + 2 ** 20;
  const members = [
    { name: "artifacts/large.whl", bytes: zeros(large) },
    { name: "artifacts/behind.whl", bytes: zeros(2 ** 20) },
  ];
  const before = process.memoryUsage().rss;
  const archive = openArchive(sparse(storedArchive(members)));
  assert.deepEqual(
    archive.entries.map(({ path, size, compressedSize }) => [path, size, compressedSize]),
    [
      ["artifacts/large.whl", large, large],
      ["artifacts/behind.whl", 2 ** 20, 2 ** 20],
    ],
  );
  let read = 0;
  for await (const chunk of archive.chunks(archive.entry("artifacts/large.whl") ?? assert.fail())) read += chunk.length;
  assert.equal(read, large);
  assert.ok(process.memoryUsage().rss - before < 500 << 20, `${process.memoryUsage().rss - before} bytes more`);
});

test("storedArchive() counts members that have no room in 16 bits", async () => {
  const members = Array.from({ length: 70_000 }, (_, at) => ({ name: `evidence/${at}`, bytes: zeros(0) }));
  const bytes = Buffer.concat([...storedArchive(members)]);
  const archive = openArchive(openShared({ kind: "memory", bytes }));
  assert.equal(archive.entries.length, members.length);
});
