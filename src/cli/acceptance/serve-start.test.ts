import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { setScene } from "../../testing/scene.ts";

/** Why `tspip serve` does not start. */

async function setServiceScene() {
  const scene = await setScene();
  scene.write("all.toml", "version = 1\n");
  scene.write("file", "no database, and no folder");
  const start = (changes: { listen?: string; artifacts?: string; database?: string }) => {
    const { listen = "127.0.0.1:0", artifacts = "artifacts", database = "tspip.sqlite" } = changes;
    scene.write(
      "serve.toml",
      `listen = "${listen}"\ntrusted-root = "root.json"\n[storage]\nartifacts = "${artifacts}"\ndatabase = "${database}"\n[[team]]\nname = "all"\npolicy = "all.toml"\nopen = true\n`,
    );
    // Where it starts after all, it ends.
    return scene.tspipOn({ signal: AbortSignal.timeout(10_000) }, "serve");
  };
  return Object.assign(scene, { start });
}

test("serve: an address where nobody can listen is told", async () => {
  await using scene = await setServiceScene();
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  for (const [listen, why] of [
    [`127.0.0.1:${port}`, "another program listens there"],
    ["192.0.2.1:8080", "this machine has no such address"],
  ] as const) {
    const { exitCode, stderr } = await scene.start({ listen });
    assert.deepEqual([exitCode, stderr], [4, `error: Cannot listen on ${listen}: ${why}\n`]);
  }
  other.close();
});

test("serve: a database or a folder that can be none is told at once", async () => {
  await using scene = await setServiceScene();
  for (const [changes, code, words] of [
    [{ database: "file" }, 4, /^error: Cannot open the database ".*file": file is not a database\n/],
    [{ database: "." }, 4, /^error: Cannot open the database "/],
    [{ database: "mysql://db/tspip" }, 2, /"database" is neither/],
    [{ artifacts: "file" }, 4, /^error: Cannot make the folder of artifacts ".*file": /],
    [{ artifacts: "https://files.example/" }, 2, /"artifacts" is neither a folder nor s3:/],
  ] as const) {
    const started = performance.now();
    const { exitCode, stderr } = await scene.start(changes);
    assert.match(stderr, words);
    assert.equal(exitCode, code);
    assert.ok(performance.now() - started < 5000);
  }
});

test("serve: what is said of a store is looked at also where artifacts are in a folder", async () => {
  await using scene = await setServiceScene();
  for (const [line, words] of [
    ["s3-endpoint = 9000", /"s3-endpoint" is not text/],
    ['s3-endpoint = "store"', /"s3-endpoint" is not a URL/],
    ["s3-region = false", /"s3-region" is not text/],
  ] as const) {
    const { exitCode, stderr } = await scene.start({ artifacts: `artifacts"\n${line}\n#` });
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, words);
  }
});
