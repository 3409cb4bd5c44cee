import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { availableParallelism, loadavg } from "node:os";
import { test } from "node:test";
import { enabling, setInspectorScene } from "../../testing/inspector-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { python, type Scene } from "../../testing/scene.ts";

/** What inspectors from others cost, and how much one may say. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

const looking = `
def plugin_type(): return "dist-inspector"
def pre_download(url): pass
def pre_extract(dist): dist.stat()
`;

const shouting = `
import os
def plugin_type(): return "dist-inspector"
def pre_download(url):
    for _ in range(1024):
        os.write(2, b"x" * (1 << 20))
`;

/** The quickest of some runs of `tspip verify`, in ms: whatever else the machine does only adds. */
async function quickest(scene: Scene, what: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    assert.equal((await scene.tspip("verify", what)).exitCode, 0);
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}

test(
  "one Python inspector over 100 wheels costs less than a second beyond its start; none costs nothing",
  needsPython,
  async (context) => {
    await using scene = await setInspectorScene({ looking });
    for (let count = 0; count < 100; count++) {
      const { filename, bytes } = makeWheel({ name: `wheel${count}`, files: { "data.bin": randomBytes(100_000) } });
      scene.write(`many/${filename}`, bytes);
    }
    scene.write("one/wheel-1.0-py3-none-any.whl", makeWheel({ name: "wheel" }).bytes);
    const without = { one: await quickest(scene, "./one"), many: await quickest(scene, "./many") };
    scene.write("tspip.toml", enabling(["looking"]));
    const enabled = { one: await quickest(scene, "./one"), many: await quickest(scene, "./many") };
    const start = enabled.one - without.one;
    const hooks = enabled.many - without.many - start;
    context.diagnostic(`start ${start.toFixed()} ms, 200 hooks ${hooks.toFixed()} ms`);
    // With every processor busy, each call waits for its turn twice.
    if ((loadavg()[0] ?? 0) > availableParallelism()) return context.skip("the machine is busy");
    assert.ok(hooks < 1000, `${hooks} ms`);
  },
);

test("an inspector that writes 1 GiB to stderr ends, and our memory does not grow with it", needsPython, async () => {
  await using scene = await setInspectorScene({ shouting });
  scene.write("tspip.toml", enabling(["shouting"]));
  scene.offer({ name: "good" });
  const before = process.memoryUsage().rss;
  const { exitCode, stderr } = await scene.tspip("verify", "-v", "good==1.0");
  assert.equal(exitCode, 0);
  assert.match(stderr, /the rest is left out: it is more than 64 KiB/);
  assert.ok(stderr.length < 100_000);
  assert.ok(process.memoryUsage().rss - before < 200 << 20);
});
