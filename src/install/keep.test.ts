import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { faultyDisk } from "../testing/faulty-disk.ts";
import { makeItem, quietly } from "../testing/install-scene.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { keepArtifacts } from "./keep.ts";

test("keepArtifacts() says of the folder that it cannot be written to, whichever operation fails", async () => {
  using folder = temporaryFolder();
  const { artifact } = await makeItem({}, join(folder.path, "quarantine"));
  const messages: string[] = [];
  for (let failAt = 1; ; failAt++) {
    const disk = faultyDisk(failAt, "EIO");
    const into = join(folder.path, String(failAt));
    await keepArtifacts([{ artifact, documents: [] }], into, quietly(disk)).catch(({ message }) => {
      messages.push(message);
    });
    if (disk.count() < failAt) break;
  }
  assert.ok(messages.length > 5, "operations failed");
  for (const message of messages) assert.match(message, /^Cannot write to (?:the folder, nothing was changed|")/);
});
