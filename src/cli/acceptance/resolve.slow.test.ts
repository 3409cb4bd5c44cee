import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { uvMember, uvVersion } from "../../resolve/pinned-uv.ts";
import { faultAt, hangUp } from "../../testing/index-faults.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { python, setScene, skipWithout } from "../../testing/scene.ts";

/** Unpinned requirements, chosen by a real engine on an index on loopback, installed into a real environment. */

for (const engine of ["uv", "pip"] as const) {
  test(
    `install: ${engine} chooses the newest versions that fit together, with extras`,
    skipWithout(engine),
    async () => {
      await using scene = await setScene();
      scene.offer({
        name: "app",
        version: "2.0",
        metadata: ["Requires-Dist: lib<3", "Provides-Extra: more", "Requires-Dist: plug; extra == 'more'"],
      });
      for (const version of ["1.0", "2.5", "3.0"]) scene.offer({ name: "lib", version });
      scene.offer({ name: "plug", version: "0.1" });
      const { exitCode, stdout, stderr } = await scene.tspip(
        "install",
        "app[more]",
        "--venv",
        "env",
        "--resolver",
        engine,
      );
      assert.equal(exitCode, 0, stdout + stderr);
      assert.deepEqual(scene.installed(), ["app==2.0", "lib==2.5", "plug==0.1"]);
    },
  );

  test(`install: ${engine} chooses around what the policy denies`, skipWithout(engine), async () => {
    await using scene = await setScene();
    for (const version of ["1.0", "2.0"]) scene.offer({ name: "lib", version });
    scene.write("policy.toml", 'version = 1\n[floor]\ndeny = [{ name = "lib", version = ">=2" }]\n');
    const { exitCode, stderr } = await scene.tspip(
      "install",
      "lib",
      "--venv",
      "env",
      "--resolver",
      engine,
      "--policy",
      "policy.toml",
    );
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(scene.installed(), ["lib==1.0"]);
  });
}

/** uv, which writes down how it was called, and whether the folder it is to keep things in was there. */
const loggedUv = `#!/bin/sh
for word; do case $word in */cache) ls "$word" >/dev/null 2>&1 && echo kept; echo "$word";; esac; done >> "$0.log"
echo "$1 $2" >> "$0.log"
PATH=\${PATH#*:} exec uv "$@"
`;

test(
  "install: uv is told of the interpreter before it chooses, and what it keeps goes",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
    scene.offer({ name: "lib", version: "1.0" });
    scene.write("bin/uv", loggedUv);
    chmodSync(join(scene.folder, "bin/uv"), 0o755);
    const PATH = `${join(scene.folder, "bin")}:${process.env.PATH}`;
    const { exitCode, stderr } = await scene.tspipWith({ PATH }, "install", "app", "--venv", "env");
    assert.equal(exitCode, 0, stderr);
    const [cache = "", ...log] = readFileSync(join(scene.folder, "bin/uv.log"), "utf8").trim().split("\n");
    assert.deepEqual(log, ["python find", "kept", cache, "pip compile"]);
    assert.equal(existsSync(dirname(cache)), false);

    const failing = await scene.tspipWith({ PATH }, "install", "app>1", "--venv", "env");
    assert.equal(failing.exitCode, 2, failing.stderr);
    const caches = readFileSync(join(scene.folder, "bin/uv.log"), "utf8").match(/^\/.*$/gm) ?? [];
    assert.deepEqual(
      caches.filter((path) => existsSync(dirname(path))),
      [],
    );
  },
);

test("install: no engine runs a Python that lies around the temporary folder", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.offer({ name: "app", version: "1.0" });
  const planted = join(scene.folder, "shared/.venv");
  scene.write("shared/.venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.0\n");
  for (const name of ["python", "python3"]) {
    scene.write(`shared/.venv/bin/${name}`, `#!/bin/sh\ntouch "${scene.folder}/ran"\nexec python3 "$@"\n`);
    chmodSync(join(planted, "bin", name), 0o755);
  }
  const before = process.env.TMPDIR;
  process.env.TMPDIR = join(scene.folder, "shared");
  try {
    for (const argv of [
      ["--venv", "env"],
      ["--target", "t"],
      ["--venv", "env2", "--python", "python3"],
    ]) {
      const { exitCode, stderr } = await scene.tspip("install", "app", ...argv);
      assert.equal(exitCode, 0, stderr);
    }
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  assert.equal(existsSync(join(scene.folder, "ran")), false);
});

for (const engine of ["uv", "pip"] as const) {
  test(`install: ${engine} chooses among wheels that fit, whatever else there is`, skipWithout(engine), async () => {
    await using scene = await setScene();
    scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
    scene.offer({ name: "lib", version: "1.0" });
    scene.offer({ name: "lib", version: "2.0", tag: "cp27-cp27m-win32" });
    scene.index.add({ filename: "lib-3.0.tar.gz", bytes: Buffer.from("not looked at") });
    const words = ["install", "app", "--venv", "env", "--resolver", engine] as const;
    const { exitCode, stdout, stderr } = await scene.tspip(...words);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.deepEqual(scene.installed(), ["app==1.0", "lib==1.0"]);
    const pages = scene.index.requests.filter((request) => request.includes("/simple/lib"));
    assert.equal(pages.length, 1);
  });
}

test("install: the index is not asked about a project that has a URL", skipWithout("uv"), async () => {
  await using scene = await setScene();
  const local = makeWheel({ name: "lib", version: "1.0" });
  scene.write(local.filename, local.bytes);
  scene.write("constraints.txt", `lib @ ${pathToFileURL(join(scene.folder, local.filename)).href}\n`);
  scene.offer({ name: "app", version: "1.0" });
  const { exitCode, stderr } = await scene.tspip("install", "app", "lib", "-c", "constraints.txt", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(scene.installed(), ["app==1.0", "lib==1.0"]);
  assert.equal(scene.index.requests.filter((request) => request.includes("/simple/lib")).length, 0);
});

test("install: an earlier release that does not fit counts for what is attested", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.write("policy.toml", 'version = 1\n[default]\nattestation = "no-downgrade"\n');
  scene.offer({ name: "lib", version: "0.9" }, { provenance: JSON.stringify({ version: 1, attestation_bundles: [] }) });
  scene.offer({ name: "lib", version: "1.0", tag: "cp27-cp27m-win32" });
  scene.offer({ name: "lib", version: "1.1" });
  scene.offer({ name: "lib", version: "1.2", metadata: ["Requires-Dist: nowhere"] });
  const { exitCode, stdout, stderr } = await scene.tspip("install", "lib", "--venv", "env", "--policy", "policy.toml");
  assert.equal(exitCode, 0, stdout + stderr);
  assert.deepEqual(scene.installed(), ["lib==1.1"]);
});

test("install: where nothing fits, the engine says what there is", skipWithout("uv"), async () => {
  await using scene = await setScene();
  for (const python of ["cp26", "cp27"])
    scene.offer({ name: "lib", version: "2.0", tag: `${python}-${python}m-win32` });
  const { exitCode, stderr } = await scene.tspip("install", "lib", "--venv", "env");
  assert.equal(exitCode, 2);
  assert.match(
    stderr,
    /No choice of versions meets the request[\s\S]*lib==2\.0 has no wheels[\s\S]*following Python implementation tags: `cp26`, `cp27`/,
  );
  assert.equal(scene.index.requests.filter((request) => request.includes("/simple/lib")).length, 1);
});

test(
  "install: when the policy leaves nothing to choose, that is a refusal with the reason",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib>=2"] });
    for (const version of ["1.0", "2.0"]) scene.offer({ name: "lib", version });
    scene.write("policy.toml", 'version = 1\n[floor]\ndeny = [{ name = "lib", version = ">=2" }]\n');
    const { exitCode, stdout, stderr } = await scene.tspip(
      "install",
      "app",
      "--venv",
      "env",
      "--policy",
      "policy.toml",
    );
    assert.equal(exitCode, 1);
    assert.match(stdout, /refused lib-2\.0-py3-none-any\.whl\n +error\[denied-by-policy\]/);
    assert.match(stderr, /only lib==1\.0 is available/);
    assert.equal(existsSync(join(scene.folder, "env")), false);
  },
);

test("install: what the policy refuses is no reason where nobody asked for it", skipWithout("uv"), async () => {
  await using scene = await setScene();
  for (const version of ["1.0", "2.0"]) scene.offer({ name: "lib", version });
  scene.write("policy.toml", 'version = 1\n[floor]\ndeny = [{ name = "lib", version = "==1.0" }]\n');
  const { exitCode, stdout } = await scene.tspip("install", "lib>=3", "--venv", "env", "--policy", "policy.toml");
  assert.deepEqual([exitCode, stdout], [2, ""]);
});

test("install: requirements that contradict each other are told in the engine's words", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib>=2"] });
  for (const version of ["1.0", "2.0"]) scene.offer({ name: "lib", version });
  const { exitCode, stderr } = await scene.tspip("install", "app", "lib<2", "--venv", "env");
  assert.equal(exitCode, 2);
  assert.match(stderr, /No choice of versions meets the request[\s\S]*all versions of app depend on lib>=2/);
});

test(
  "install: a pinned requirement brings its dependencies, and --no-deps leaves them out",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
    scene.offer({ name: "lib", version: "2.0" });
    await scene.tspip("install", "app==1.0", "--venv", "env", "--no-deps");
    assert.deepEqual(scene.installed(), ["app==1.0"]);
    const { exitCode, stderr } = await scene.tspip("install", "app==1.0", "--venv", "env");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(scene.installed(), ["app==1.0", "lib==2.0"]);
    const downloads = scene.index.requests.filter((request) => /files\/app.*whl$/.test(request));
    assert.equal(downloads.length, 1, "the second command has it from the store");
  },
);

test(
  "install: a wheel by path brings its dependencies, and no other version of its project",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    const local = makeWheel({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
    scene.write(local.filename, local.bytes);
    scene.offer({ name: "app", version: "2.0" });
    scene.offer({ name: "lib", version: "2.0" });
    const { exitCode, stderr } = await scene.tspip("install", `./${local.filename}`, "--venv", "env");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(scene.installed(), ["app==1.0", "lib==2.0"]);
  },
);

test("install: constraints, --pre, and --upgrade over what is installed", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
  for (const version of ["1.0", "2.0", "3.0", "4.0rc1"]) scene.offer({ name: "lib", version });
  scene.write("constraints.txt", "lib<2\nunused==1.0\n");
  const versions = async (...argv: string[]) => {
    const { exitCode, stderr } = await scene.tspip("install", "app", "--venv", "env", ...argv);
    assert.equal(exitCode, 0, stderr);
    return scene.installed();
  };
  assert.deepEqual(await versions("-c", "constraints.txt"), ["app==1.0", "lib==1.0"]);
  assert.deepEqual(await versions(), ["app==1.0", "lib==1.0"], "what is there and fits is kept");
  assert.deepEqual(await versions("--upgrade"), ["app==1.0", "lib==3.0"]);
  assert.deepEqual(await versions("--upgrade", "--pre"), ["app==1.0", "lib==4.0rc1"]);
});

test("install: the metadata of a wheel is read out of it where the index serves none", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.index.add(makeWheel({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] }));
  scene.index.add(makeWheel({ name: "lib", version: "2.0" }));
  scene.index.format = "html";
  const whole: string[] = [];
  scene.index.fault = ({ url = "", headers }) => {
    if (url.endsWith(".whl") && headers.range === undefined) whole.push(url);
    return false;
  };
  const { exitCode, stderr } = await scene.tspip("install", "app", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(scene.installed(), ["app==1.0", "lib==2.0"]);
  assert.deepEqual(whole.sort(), ["/files/app-1.0-py3-none-any.whl", "/files/lib-2.0-py3-none-any.whl"]);
});

test("install: the same where the server gives no parts of files", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.index.add(makeWheel({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] }));
  scene.index.add(makeWheel({ name: "lib", version: "2.0" }));
  scene.index.fault = ({ headers }) => {
    delete headers.range;
    return false;
  };
  const { exitCode, stderr } = await scene.tspip("install", "app", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(scene.installed(), ["app==1.0", "lib==2.0"]);
});

test("install: metadata that differs from the wheel's does not leave a dependency out", skipWithout("uv"), async () => {
  await using scene = await setScene();
  const coreMetadata = "Metadata-Version: 2.1\nName: app\nVersion: 1.0\n";
  scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] }, { coreMetadata });
  scene.offer({ name: "lib", version: "2.0" });
  const { exitCode, stderr } = await scene.tspip("install", "app", "--venv", "env");
  assert.equal(exitCode, 2);
  assert.match(stderr, /"lib" is not in the input: "app" 1\.0 needs it/);
});

test(
  "install: an index that fails while versions are chosen is an inability, not an answer",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
    scene.index.fault = faultAt("/simple/lib/", hangUp);
    const { exitCode, stderr } = await scene.tspip("install", "app", "--venv", "env");
    assert.equal(exitCode, 3);
    assert.match(stderr, /Cannot reach .*\/simple\/lib\//);
  },
);

test("install: a uv that is not the pinned one is not taken from an index", async () => {
  await using scene = await setScene();
  scene.offer({ name: "app", version: "1.0" });
  scene.offer({ name: "uv", version: uvVersion, files: { [uvMember("linux")]: "#!/bin/sh\ntouch ran\n" } });
  const argv = ["verify", "app>=1", "--python", python ?? "python3"];
  const { exitCode, stderr } = await scene.tspipWith({ PATH: "/nonexistent" }, ...argv);
  assert.equal(exitCode, python === undefined ? 4 : 2);
  if (python !== undefined) assert.match(stderr, /the index has no wheel of uv [\d.]+ that we know/);
  assert.equal(existsSync(join(scene.folder, "ran")), false);
  assert.deepEqual(
    scene.index.requests.filter((request) => request.includes("/files/uv")),
    [],
  );
});

test("install: without an engine an open version is an error with the ways out", async () => {
  await using scene = await setScene();
  scene.offer({ name: "app", version: "1.0" });
  const { exitCode, stderr } = await scene.tspipWith(
    { PATH: "/nonexistent" },
    "verify",
    "app>=1",
    "--python",
    python ?? "python3",
  );
  assert.equal(exitCode, python === undefined ? 4 : 2);
  if (python !== undefined) assert.match(stderr, /there is no uv on PATH[\s\S]*hint: .*--resolver pip/);
});
