import assert from "node:assert/strict";
import { test } from "node:test";
import type { Archive, ArchiveEntry } from "./archive.ts";
import { startupNotices } from "./startup.ts";

// Which files are noticed is in testdata/wheel, read by src/inspect/wheel-cases.test.ts.

test("startupNotices() does not read a path file that takes long to read, whichever of its sizes says so", () => {
  const small: ArchiveEntry = {
    path: "example.pth",
    size: 10,
    compressedSize: 10,
    crc32: 0,
    isDeflated: true,
    isExecutable: false,
    dataOffset: 0,
  };
  let reads = 0;
  const archive = { read: () => Buffer.from("folder\n".repeat(++reads)) } as unknown as Archive;
  const messages = [small, { ...small, size: 2 << 20 }, { ...small, compressedSize: 2 << 20 }].flatMap((entry) =>
    startupNotices(archive, [{ entry, scheme: "purelib", path: entry.path }]).map(({ message }) => message),
  );
  assert.equal(reads, 1);
  assert.match(messages[0] ?? "", /changes where Python looks/);
  for (const message of messages.slice(1)) assert.match(message, /runs code/);
  assert.equal(messages.length, 3);
});
