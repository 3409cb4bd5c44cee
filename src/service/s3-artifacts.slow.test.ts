import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fetch } from "undici";
import { digestOf } from "../distribution/digest.ts";
import { freePort } from "../testing/free-port.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { openS3Artifacts, type S3Place } from "./s3-artifacts.ts";

/** Against moto's server, which uv fetches; without uv or an index there is nothing to test against. */

const moto = ["tool", "run", "--quiet", "--from", "moto[server]==5.2.5", "moto_server"];
const skip = hasMoto() ? {} : { skip: "uv cannot run moto's server" };
let server: ChildProcess | undefined;
let place: S3Place;

before(async () => {
  if (skip.skip !== undefined) return;
  const port = await freePort();
  server = spawn("uv", [...moto, "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore", detached: true });
  const endpoint = new URL(`http://127.0.0.1:${port}/`);
  place = { endpoint, bucket: "wheels", prefix: "team/", region: "us-east-1", accessKeyId: "me", secretAccessKey: "x" };
  for (let tries = 0; tries < 300; tries++) {
    const made = await fetch(new URL("wheels", endpoint), { method: "PUT" }).catch(() => undefined);
    if (made?.ok) return;
    await sleep(100);
  }
});

after(() => {
  // uv has a child of its own.
  if (server?.pid !== undefined) process.kill(-server.pid);
});

test("what is kept is found again by whoever has its digest, and is not sent twice", skip, async () => {
  using folder = temporaryFolder();
  const bytes = randomBytes(5 << 20);
  const [from, to] = ["from.whl", "to.whl"].map((name) => join(folder.path, name)) as [string, string];
  writeFileSync(from, bytes);
  const warnings: string[] = [];
  const store = openS3Artifacts(place, (message) => warnings.push(message));
  assert.equal(await store.take(digestOf(bytes), to), false);
  await store.keep(digestOf(bytes), from);
  await store.keep(digestOf(bytes), from);
  assert.equal(await store.take(digestOf(bytes), to), true);
  assert.deepEqual(readFileSync(to), bytes);
  await store.discard(digestOf(bytes));
  assert.equal(await store.take(digestOf(bytes), join(folder.path, "again.whl")), false);
  assert.deepEqual(warnings, []);
});

test("a bucket that is not there, and a server that is not, are misses that are told", skip, async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "file.whl");
  writeFileSync(path, "bytes");
  for (const odd of [{ bucket: "none" }, { endpoint: new URL("http://127.0.0.1:9/") }]) {
    const warnings: string[] = [];
    const store = openS3Artifacts({ ...place, ...odd }, (message) => warnings.push(message));
    await store.keep(digestOf(Buffer.from("bytes")), path);
    assert.equal(await store.take("0".repeat(64), join(folder.path, "other")), false);
    assert.match(warnings.join("\n"), /The artifact store cannot be written: /);
  }
});

function hasMoto(): boolean {
  try {
    execFileSync("uv", [...moto, "--help"], { stdio: "ignore", timeout: 300_000 });
    return true;
  } catch {
    return false;
  }
}
