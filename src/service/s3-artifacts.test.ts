import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../distribution/digest.ts";
import { temporaryFolder } from "../testing/tree.ts";

/** Where neither a length nor chunks say how long a body is, its end is that of the connection (RFC 9112, section 6.3). */
test("a store that closes the connection behind each answer is read to the end, however late we read", async (t) => {
  // Node's own undici makes itself everybody's when it is loaded first.
  await fetch("data:,");
  const { openS3Artifacts } = await import("./s3-artifacts.ts");
  using folder = temporaryFolder();
  const bytes = Buffer.alloc(320 << 10, "wheel");
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n`);
      socket.end(bytes);
    });
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const access = { region: "us-east-1", accessKeyId: "me", secretAccessKey: "x" };
  const warnings: string[] = [];
  const store = openS3Artifacts({ endpoint, bucket: "wheels", prefix: "", ...access }, (text) => warnings.push(text));

  await Promise.all(
    Array.from({ length: 20 }, async (_, count) => {
      const path = join(folder.path, `${count}.whl`);
      assert.equal(await store.take(digestOf(bytes), path), true);
      assert.deepEqual(readFileSync(path), bytes);
    }),
  );
  assert.deepEqual(warnings, []);
});
