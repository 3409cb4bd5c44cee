import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { python, setScene } from "../../testing/scene.ts";
import { snapshot } from "../../testing/tree.ts";

/** `tspip install --compile`. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

test(
  "install --compile: modules are compiled by the environment's interpreter, listed in RECORD, and leave with it",
  needsPython,
  async () => {
    await using scene = await setScene();
    const sources = {
      "example/__init__.py": "def where():\n    raise ValueError('here')\n",
      "example/deep/module.py": "x = 1\n",
      "example/template.py": "{% not python %}\n",
      "example-1.0.data/scripts/tool.py": "#!python\nprint(1)\n",
    };
    scene.offer({ name: "example", version: "1.0", files: sources });
    scene.offer({ name: "example", version: "2.0", files: { "example/__init__.py": "" } });
    await scene.tspip("install", "example==1.0", "--venv", "env");
    await scene.tspipAlone("uninstall", "example", "--venv", "env");
    const env = join(scene.folder, "env");
    const empty = snapshot(env);

    const compiled = ["install", "--venv", "env", "--compile"];
    const { exitCode, stdout, stderr } = await scene.tspip(...compiled, "example==1.0");
    assert.equal(exitCode, 0, stdout + stderr);
    const site = execFileSync(join(scene.folder, "env/bin/python"), ["-c", "import sys; print(sys.path[-1])"], {
      encoding: "utf8",
    }).trim();
    const record = readFileSync(join(site, "example-1.0.dist-info/RECORD"), "utf8");
    const modules = record.split("\n").filter((line) => line.includes(".pyc"));
    assert.match(
      modules.join("\n"),
      /^example\/__pycache__\/__init__\.[a-z0-9-]+\.pyc,,\nexample\/deep\/__pycache__\/module\.[a-z0-9-]+\.pyc,,$/,
    );
    for (const line of modules) assert.ok(existsSync(join(site, line.replace(",,", ""))), line);

    const before = snapshot(site);
    const traceback = execFileSync(
      join(scene.folder, "env/bin/python"),
      [
        "-c",
        "import example, example.deep.module, traceback\ntry: example.where()\nexcept ValueError: traceback.print_exc(file=__import__('sys').stdout)",
      ],
      { encoding: "utf8" },
    );
    assert.ok(traceback.includes(`File "${join(site, "example/__init__.py")}", line 2`), traceback);
    assert.deepEqual(snapshot(site), before, "Python takes the compiled modules as they are");

    assert.equal((await scene.tspip(...compiled, "example==2.0")).exitCode, 0);
    assert.equal(existsSync(join(site, "example/deep")), false);
    assert.equal((await scene.tspipAlone("audit", "--venv", "env")).exitCode, 0);
    assert.equal((await scene.tspipAlone("uninstall", "example", "--venv", "env")).exitCode, 0);
    assert.deepEqual(snapshot(env), empty);
  },
);

test("install --compile: distributions that share a module share its compiled form", needsPython, async () => {
  await using scene = await setScene();
  for (const name of ["alpha", "beta"])
    scene.offer({ name, version: "1.0", files: { "ns/__init__.py": "", [`ns/${name}.py`]: "" } });
  const compiled = ["install", "--venv", "env", "--compile"];
  for (const asked of [["alpha==1.0"], ["beta==1.0"], ["alpha==1.0", "beta==1.0"]]) {
    const { exitCode, stderr } = await scene.tspip(...compiled, ...asked);
    assert.equal(exitCode, 0, stderr);
  }
});

test("install --compile: a source that no parser survives is left as it is", needsPython, async () => {
  await using scene = await setScene();
  const hostile = { "broken.py": `x = ${"(".repeat(50_000)}1${")".repeat(50_000)}\n`, "zero.py": "x = 1\0\n" };
  scene.offer({ name: "broken", version: "1.0", files: hostile });
  const { exitCode, stderr } = await scene.tspip("install", "--venv", "env", "--compile", "broken==1.0");
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(
    Object.keys(snapshot(scene.folder)).filter((path) => path.endsWith(".pyc")),
    [],
  );
});
