import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { python, type Scene, setScene } from "../../testing/scene.ts";
import { snapshot } from "../../testing/tree.ts";

/** Wheels that were unpacked before: used again, and trusted in nothing. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};
const large = Buffer.alloc(9 << 20, "large ");

async function sceneWithWheel(): Promise<Scene> {
  const scene = await setScene();
  scene.offer({
    name: "example",
    version: "1.0",
    files: {
      "example/__init__.py": "x = 1\n",
      "example/large.bin": large,
      "example-1.0.data/scripts/tool": "#!python\n",
    },
  });
  return scene;
}

const install = (scene: Scene, env: string, ...options: string[]) =>
  scene.tspip("install", "example==1.0", "--target", env, ...options);

/** The files of the wheel. */
function contents(scene: Scene, env: string): Record<string, string> {
  const all = Object.entries(snapshot(join(scene.folder, env)));
  return Object.fromEntries(all.filter(([path]) => /^(?:example|bin)\//.test(path)));
}

/** Files of the stored tree, by their ends. */
function stored(scene: Scene): (end: string) => string {
  const folder = join(scene.folder, ".cache/tspip/trees");
  const paths = Object.keys(snapshot(folder)).map((path) => join(folder, path));
  return (end) => paths.find((path) => path.endsWith(end)) ?? assert.fail(`${end} is not stored`);
}

const isOneFile = (a: string, b: string) => statSync(a).ino === statSync(b).ino;
const inEnv = (scene: Scene, env: string, path: string) => join(scene.folder, env, path);

test(
  "install: the second environment gets files out of the cache, none of them shared with it",
  needsPython,
  async () => {
    await using scene = await sceneWithWheel();
    await install(scene, "one");
    const module = stored(scene)("example/__init__.py");
    const kept = statSync(module).ino;
    const { exitCode, stderr } = await install(scene, "two");
    assert.equal(exitCode, 0, stderr);
    assert.doesNotMatch(stderr, /in the cache/);
    assert.deepEqual(contents(scene, "two"), contents(scene, "one"));
    assert.equal(statSync(module).ino, kept, "what was used as it is, is not stored again");
    for (const env of ["one", "two"]) assert.equal(isOneFile(module, inEnv(scene, env, "example/__init__.py")), false);
  },
);

const tampering: [what: string, tamper: (path: string) => void][] = [
  ["another text of the same length", (path) => writeFileSync(path, "x = 2\n")],
  ["a longer text", (path) => appendFileSync(path, "import evil\n")],
  ["no file", (path) => rmSync(path)],
  [
    "a link",
    (path) => {
      rmSync(path);
      symlinkSync("/etc/passwd", path);
    },
  ],
  [
    "a folder",
    (path) => {
      rmSync(path);
      symlinkSync(".", path);
    },
  ],
  ["other permissions", (path) => chmodSync(path, 0o4777)],
];

for (const [what, tamper] of tampering) {
  for (const mode of ["copy", "hardlink"]) {
    test(
      `install --link-mode ${mode}: ${what} in the cache does not reach an environment, and does not stay`,
      needsPython,
      async () => {
        await using scene = await sceneWithWheel();
        await install(scene, "one");
        const expected = snapshot(inEnv(scene, "one", "example"));
        const module = stored(scene)("example/__init__.py");
        tamper(module);
        const { exitCode, stderr } = await install(scene, "two", "--link-mode", mode);
        assert.equal(exitCode, 0, stderr);
        assert.deepEqual(snapshot(inEnv(scene, "two", "example")), expected);
        if (what !== "other permissions") {
          assert.equal(readFileSync(module, "utf8"), "x = 1\n", "the store is repaired");
          assert.match(stderr, /"example-1\.0-.*\.whl" in the cache is not what was kept there: it was unpacked again/);
        }
      },
    );
  }
}

test(
  "install: who writes to the cache and does not know the user's key cannot pass off a file as seen",
  needsPython,
  async () => {
    await using scene = await sceneWithWheel();
    await install(scene, "one");
    const [module, memory] = [stored(scene)("example/__init__.py"), stored(scene)(".json")];
    const seen = readFileSync(memory, "utf8");
    const digest = (text: string) => createHash("sha256").update(text).digest("base64url");
    assert.ok(seen.includes(digest("x = 1\n")));
    writeFileSync(module, "x = 2\n");
    writeFileSync(memory, seen.replace(digest("x = 1\n"), digest("x = 2\n")));
    const { exitCode, stderr } = await install(scene, "two");
    assert.equal(exitCode, 0, stderr);
    assert.equal(readFileSync(inEnv(scene, "two", "example/__init__.py"), "utf8"), "x = 1\n");
    assert.equal(readFileSync(memory, "utf8"), seen, "what was seen is written down again");
  },
);

test(
  "install: a cache without the key that sealed it is used like any other folder of files",
  needsPython,
  async () => {
    await using scene = await sceneWithWheel();
    await install(scene, "one");
    rmSync(join(scene.folder, ".local/share/tspip/cache.key"));
    const { exitCode, stderr } = await install(scene, "two");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(contents(scene, "two"), contents(scene, "one"));
  },
);

test("install: large files in the cache are compared as well", needsPython, async () => {
  await using scene = await sceneWithWheel();
  await install(scene, "one");
  const bytes = Buffer.from(large);
  bytes[bytes.length - 1] = 0;
  writeFileSync(stored(scene)("large.bin"), bytes);
  await install(scene, "two");
  assert.ok(readFileSync(inEnv(scene, "two", "example/large.bin")).equals(large));
});

test(
  "install --link-mode hardlink: files are shared where that is asked for, and an edit is found before the next use",
  needsPython,
  async () => {
    await using scene = await sceneWithWheel();
    await install(scene, "one", "--link-mode", "hardlink");
    await install(scene, "two", "--link-mode", "hardlink");
    const [one, two] = ["one", "two"].map((env) => inEnv(scene, env, "example/__init__.py"));
    assert.ok(isOneFile(one ?? "", two ?? ""));
    assert.match(readFileSync(join(scene.folder, "two/bin/tool"), "utf8"), /^#!.*python/);
    writeFileSync(one ?? "", "x = 3\n");
    await install(scene, "three", "--link-mode", "hardlink");
    assert.equal(readFileSync(inEnv(scene, "three", "example/__init__.py"), "utf8"), "x = 1\n");
  },
);

test("install: the verdict is made anew, and --no-cache-dir keeps nothing", needsPython, async () => {
  await using scene = await sceneWithWheel();
  await install(scene, "one", "--no-cache-dir");
  assert.equal(readdirSync(scene.folder).includes(".cache"), false);
  await install(scene, "two");
  scene.write("policy.toml", 'version = 1\n[default]\nattestation = "require"\n');
  const before = snapshot(scene.folder);
  const { exitCode } = await install(scene, "three", "--policy", "policy.toml");
  assert.equal(exitCode, 1);
  assert.deepEqual(snapshot(scene.folder), before);
});

test("install: a cache that others may write to is not used", needsPython, async () => {
  await using scene = await sceneWithWheel();
  await install(scene, "one");
  chmodSync(join(scene.folder, ".cache/tspip/trees"), 0o777);
  const { exitCode, stderr } = await install(scene, "two");
  assert.equal(exitCode, 0);
  assert.match(stderr, /trees" is not used: others may write to it/);
});

test("cache info and clear say and remove unpacked wheels", needsPython, async () => {
  await using scene = await sceneWithWheel();
  await install(scene, "one");
  assert.match((await scene.tspipAlone("cache", "info")).stdout, /trees: 6 files, 9\d+ bytes/);
  assert.equal((await scene.tspipAlone("cache", "clear")).exitCode, 0);
  assert.match((await scene.tspipAlone("cache", "info")).stdout, /trees: 0 files, 0 bytes/);
});
