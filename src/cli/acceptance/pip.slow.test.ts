import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeEnv, needsPip, offerOwnPip, offTheNet, ownPip, pipIn } from "../../testing/bundled-pip.ts";
import { setScene } from "../../testing/scene.ts";

/** `tspip pip`, with the real pip that the interpreter brings along for ensurepip, which then runs. */

test("pip: an environment without pip gets one, and the user's command goes on behind the gate", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  offerOwnPip(scene);
  scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
  scene.offer({ name: "lib", version: "2.0" });
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "pip", "--venv", "env", "install", "app");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /^upgrading pip\n[\s\S]*pip has been upgraded\n[\s\S]*ok app-1\.0[\s\S]*Allowed 2 artifacts/);
  assert.deepEqual(
    scene.installed().map((pin) => pin.replace(/^(pip==).*/, "$1")),
    ["app==1.0", "lib==2.0", "pip=="],
  );
});

test("pip: --dry-run and -q do not stop the bootstrap, and --log has its words", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  offerOwnPip(scene);
  scene.offer({ name: "app", version: "1.0" });
  const words = ["-q", "install", "--log", "log.txt", "--dry-run", "app"];
  const { exitCode, stdout, stderr } = await scene.tspipWith(offTheNet, "pip", "--venv", "env", ...words);
  assert.equal(exitCode, 0, stderr);
  assert.equal(stdout + stderr, "");
  assert.deepEqual(
    scene.installed().map((pin) => pin.split("==")[0]),
    ["pip"],
  );
  assert.match(readFileSync(join(scene.folder, "log.txt"), "utf8"), /^upgrading pip\n[\s\S]*pip has been upgraded\n/);
});

test(
  "pip: what the policy refuses is not installed, and indexes among pip's words are tspip's to ask",
  needsPip,
  async () => {
    await using scene = await setScene();
    makeEnv(scene);
    offerOwnPip(scene);
    scene.offer({ name: "app", version: "1.0", altered: { "app/__init__.py": "import evil\n" } });
    const words = ["install", "--index-u", scene.index.url, "--retries", "0", "app"];
    const { exitCode, stderr } = await scene.tspipAlone(
      "pip",
      "--trusted-root",
      "root.json",
      "--venv",
      "env",
      ...words,
    );
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /error\[record-mismatch\]/);
    assert.deepEqual(
      scene.installed().map((pin) => pin.split("==")[0]),
      ["pip"],
    );
    const trusting = await scene.tspip("pip", "--venv", "env", "install", "--trusted-host", "x.example", "app");
    assert.equal(trusting.exitCode, 2);
    assert.match(trusting.stderr, /certificates are always checked/);
  },
);

test("pip: a wheel of pip by path is the one to begin with", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  scene.write(basename(ownPip), readFileSync(ownPip));
  const { exitCode, stderr } = await scene.tspip("pip", "--venv", "env", "install", `./${basename(ownPip)}`);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(scene.index.requests, []);
  assert.match(pipIn(scene, "--version"), /^pip /);
});

test("bootstrap --write-stub: a pip that makes itself available", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  offerOwnPip(scene);
  const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
  scene.write("bin/tspip", `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(join(scene.folder, "bin/tspip"), 0o755);
  const { exitCode, stderr } = await scene.tspip("bootstrap", "--write-stub", "stub", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  const env = {
    ...offTheNet,
    HOME: scene.folder,
    PATH: `${join(scene.folder, "bin")}:${process.env.PATH}`,
    PIP_INDEX_URL: scene.index.url,
    PIP_CONFIG_FILE: "/dev/null",
  };
  const stub = join(scene.folder, "stub/pip");
  const { stdout } = await promisify(execFile)(stub, ["--version"], { env, cwd: scene.folder });
  assert.match(stdout, /^pip /);
  scene.write("own/pip", "#!/bin/sh\n");
  const refused = await scene.tspip("bootstrap", "--write-stub", "own");
  assert.deepEqual([refused.exitCode, readFileSync(join(scene.folder, "own/pip"), "utf8")], [2, "#!/bin/sh\n"]);
});
