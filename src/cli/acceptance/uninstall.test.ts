import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setScene } from "../../testing/command-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { python } from "../../testing/scene.ts";
import { snapshot } from "../../testing/tree.ts";
import { typeCommand } from "../../testing/type-command.ts";

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

test("uninstall: what cannot be read is there all the same, and is in nobody else's way", needsPython, async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "alpha", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  scene.write("env/alpha-0.9.dist-info/METADATA", "Metadata-Version: 2.1\nName: alpha\nVersion: 0.9\n");
  scene.write("env/alpha-0.9.dist-info/RECORD", "alpha.py,sha256=none,\n,,\n");
  for (const words of [
    ["uninstall", "alpha"],
    ["install", wheel.filename],
  ]) {
    const { exitCode, stdout, stderr } = await typeCommand(scene.folder, [...words, "--target", "env"]);
    assert.equal(exitCode, 4, stdout);
    assert.match(stderr, /Cannot replace or remove what is in ".*alpha-0\.9\.dist-info"/);
    assert.doesNotMatch(stderr, /is not installed/);
  }
  scene.write("other/~lpha-1.0.dist-info/RECORD", "");
  assert.equal((await typeCommand(scene.folder, ["install", "--target", "other", wheel.filename])).exitCode, 0);
});

test("uninstall: what install brought goes; what is not there is said", needsPython, async () => {
  await using scene = await setScene();
  const wheel = scene.write("example-1.0-py3-none-any.whl", makeWheel({}).bytes);
  for (const place of [
    ["--venv", "env"],
    ["--target", "lib"],
    ["--prefix", "prefix"],
  ]) {
    assert.equal((await scene.tspip("install", wheel, ...place)).exitCode, 0);
    const removed = await typeCommand(scene.folder, ["uninstall", "-y", "Example", "other", ...place]);
    assert.equal(removed.stdout, "Removed example 1.0\n");
    assert.match(removed.stderr, /"other" is not installed in/);
    const left = Object.keys(snapshot(join(scene.folder, place[1] ?? "")));
    assert.deepEqual(
      left.filter((path) => /example/.test(path)),
      [],
    );
  }
  assert.equal((await typeCommand(scene.folder, ["uninstall", "example==1.0", "--venv", "env"])).exitCode, 2);
  assert.equal((await typeCommand(scene.folder, ["uninstall", "example", "--venv", "none"])).exitCode, 4);
});

test("uninstall: a place where nothing can be uninstalled is called so", needsPython, async () => {
  await using scene = await setScene();
  scene.write("file", "");
  scene.write("folder/file", "");
  for (const [place, words] of [
    [
      [],
      /^error: There is no environment to uninstall from: .*\nhint: Name one with --venv DIR, --python EXE or --target DIR\n$/,
    ],
    [["--target", "file"], /^error: Cannot uninstall from "file": it is .*folder\n/],
    [["--venv", "folder"], /not a virtual environment\nhint: Name a folder of packages with --target\n$/],
  ] as const) {
    const { exitCode, stderr } = await typeCommand(scene.folder, ["uninstall", "example", ...place]);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, words);
  }
});
