import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type MadeWheel, makeWheel } from "../testing/make-wheel.ts";
import { provenanceOf, python, type Scene, setScene } from "../testing/scene.ts";
import type { TestPublisher } from "../testing/trusted-publishers.ts";

/** `tspip bootstrap` and `tspip pip`, with the real pip that the interpreter brings along for ensurepip. */

const ownPip = python === undefined ? undefined : bundledPip(python);
const needsPip = ownPip === undefined ? { skip: "there is no python3 with a wheel of pip" } : {};
/** Where pypi.org cannot be reached. */
const offTheNet = { HTTPS_PROXY: "http://127.0.0.1:9" };

const pypa: TestPublisher = { kind: "github", repository: "pypa/pip", workflow: "release.yml", ref: "refs/tags/99.0" };
const mallory: TestPublisher = { ...pypa, repository: "mallory/pip" };

/** A wheel that says that it is pip 99.0. */
function madePip(): MadeWheel {
  return makeWheel({
    name: "pip",
    version: "99.0",
    files: { "pip/__init__.py": '__version__ = "99.0"\n', "pip/__main__.py": 'print("this is pip 99.0")\n' },
  });
}

function offerOwnPip(scene: Scene): string {
  const path = ownPip ?? "";
  scene.index.add({ filename: basename(path), bytes: readFileSync(path) });
  return /pip-([^-]+)-/.exec(basename(path))?.[1] ?? "";
}

function makeEnv(scene: Scene): void {
  execFileSync(python ?? "", ["-m", "venv", "--without-pip", join(scene.folder, "env")]);
}

function pipIn(scene: Scene, ...argv: string[]): string {
  return execFileSync(join(scene.folder, "env/bin/python"), ["-m", "pip", ...argv], { encoding: "utf8" });
}

test("bootstrap: an environment without pip gets one whose digest is known, and it works", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const version = offerOwnPip(scene);
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /^upgrading pip\n[\s\S]*pip has been upgraded\n$/);
  assert.match(pipIn(scene, "--version"), new RegExp(`^pip ${version} `));
  assert.equal((await scene.tspipAlone("audit", "--venv", "env")).exitCode, 0);

  const again = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
  assert.equal(again.exitCode, 0);
  assert.doesNotMatch(again.stderr, /upgrading/);
});

test("bootstrap and pip: a virtual environment that is not there yet is made", needsPip, async () => {
  await using scene = await setScene();
  const version = offerOwnPip(scene);
  scene.offer({ name: "app", version: "1.0" });
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "pip", "--venv", "env", "install", "app");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /^upgrading pip\n/);
  assert.deepEqual(scene.installed(), ["app==1.0", `pip==${version}`]);
  scene.offer({ name: "pip", version: "99.0" }, { provenance: null });
  const bad = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "other", "-i", `${scene.index.origin}/nothing/`);
  assert.deepEqual([bad.exitCode, existsSync(join(scene.folder, "other"))], [3, false]);
});

test("bootstrap: pip by its publisher's attestation", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const wheel = madePip();
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel, pypa) });
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /published by GitHub pypa\/pip release\.yml/);
  assert.match(pipIn(scene), /this is pip 99\.0/);
});

test("bootstrap: a first location that offers a higher version without evidence never wins", needsPip, async () => {
  const wheel = madePip();
  const otherTag: TestPublisher = { ...pypa, ref: "refs/tags/1.0" };
  for (const [what, provenance, finding] of [
    ["nothing", null, undefined],
    ["somebody else's attestation", provenanceOf(wheel, mallory), "signer-mismatch"],
    ["an attestation from another tag", provenanceOf(wheel, otherTag), "signer-mismatch"],
    ["no attestation document", "{}", "attestation-unreadable"],
  ] as const) {
    await using scene = await setScene();
    makeEnv(scene);
    scene.index.add({ ...wheel, provenance });
    const version = offerOwnPip(scene);
    const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
    if (finding === undefined) {
      assert.equal(exitCode, 0, what + stderr);
      assert.match(stderr, /warning: .*pip-99\.0-py3-none-any\.whl/);
      assert.match(pipIn(scene, "--version"), new RegExp(`^pip ${version} `));
    } else {
      assert.equal(exitCode, 1, what + stderr);
      assert.match(stderr, new RegExp(`reason: .*\\[${finding}\\]`, "s"), what);
      assert.deepEqual(scene.installed(), []);
    }
  }
});

test("bootstrap: a wheel with the name of a published one and other bytes is refused", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const wheel = makeWheel({ name: "pip", version: "24.0" });
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel, { ...pypa, ref: "refs/tags/24.0" }) });
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /reason: .*hash-mismatch/s);
  assert.deepEqual(scene.installed(), []);
});

test("bootstrap: outside a virtual environment pip goes to the user's own site", needsPip, async () => {
  await using scene = await setScene();
  offerOwnPip(scene);
  const bare = bareInstallation(join(scene.folder, "base"));
  const env = {
    ...offTheNet,
    PYTHONUSERBASE: join(scene.folder, "user"),
    PATH: `${dirname(bare)}:${process.env.PATH}`,
  };
  const { exitCode, stderr } = await scene.tspipWith(env, "bootstrap");
  assert.equal(exitCode, 0, stderr);
  assert.match(execFileSync(bare, ["-m", "pip", "--version"], { encoding: "utf8", env }), /\/user\/lib\//);
});

test("bootstrap: what its distributor manages is left alone (PEP 668)", needsPip, async () => {
  await using scene = await setScene();
  offerOwnPip(scene);
  const bare = bareInstallation(join(scene.folder, "base"));
  const [lib = ""] = readdirSync(join(scene.folder, "base/lib"));
  scene.write(`base/lib/${lib}/EXTERNALLY-MANAGED`, "[externally-managed]\nError=Use apt\n");
  const env = { ...offTheNet, PYTHONUSERBASE: join(scene.folder, "user") };
  const { exitCode, stderr } = await scene.tspipWith(env, "bootstrap", "--python", bare);
  assert.equal(exitCode, 4, stderr);
  assert.match(stderr, /reason: .*managed by its distributor\s+Use apt/);
  assert.match(stderr, /by hand:\n {2}1\. .*venv/);
  assert.equal(existsSync(join(scene.folder, "user")), false);
});

test(
  "bootstrap --offline: the wheel that the interpreter has for ensurepip, when its digest is known",
  needsPip,
  async () => {
    await using scene = await setScene();
    makeEnv(scene);
    const { exitCode, stderr } = await scene.tspip("bootstrap", "--venv", "env", "--offline");
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /its digest is the one that tspip has known since/);
    assert.deepEqual(scene.index.requests, []);
  },
);

test("bootstrap: a wheel given by hand touches no cache", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  scene.write(`downloads/${basename(ownPip ?? "")}`, readFileSync(ownPip ?? ""));
  const wheel = `downloads/${basename(ownPip ?? "")}`;
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env", "--wheel", wheel);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(scene.index.requests, []);
  assert.equal(existsSync(join(scene.folder, ".cache")), false);
  assert.match(pipIn(scene, "--version"), /^pip /);
});

test("bootstrap: a wheel given by hand that nobody vouches for is refused", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const wheel = madePip();
  scene.write(wheel.filename, wheel.bytes);
  const { exitCode, stderr } = await scene.tspip("bootstrap", "--venv", "env", "--wheel", wheel.filename);
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /attestation-absent/);
  scene.write(`${wheel.filename}.provenance`, provenanceOf(wheel, pypa));
  assert.equal((await scene.tspip("bootstrap", "--venv", "env", "--wheel", wheel.filename)).exitCode, 0);
  assert.deepEqual(scene.installed(), ["pip==99.0"]);
});

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
  scene.write(basename(ownPip ?? ""), readFileSync(ownPip ?? ""));
  const { exitCode, stderr } = await scene.tspip("pip", "--venv", "env", "install", `./${basename(ownPip ?? "")}`);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(scene.index.requests, []);
  assert.match(pipIn(scene, "--version"), /^pip /);
});

test("bootstrap --write-stub: a pip that makes itself available", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  offerOwnPip(scene);
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
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

/** CPython carries one wheel of pip, for ensurepip. */
function bundledPip(executable: string): string | undefined {
  const script = "import ensurepip, os; print(os.path.join(os.path.dirname(ensurepip.__file__), '_bundled'))";
  try {
    const folder = execFileSync(executable, ["-c", script], { encoding: "utf8" }).trim();
    const name = readdirSync(folder).find((name) => /^pip-.*\.whl$/.test(name));
    return name === undefined ? undefined : join(folder, name);
  } catch {
    return undefined;
  }
}

/** An installation of Python without any packages. @returns its interpreter */
function bareInstallation(folder: string): string {
  const script = "import os, sys, sysconfig; print(os.path.realpath(sys.executable), sysconfig.get_path('stdlib'))";
  const [executable = "", library = ""] = execFileSync(python ?? "", ["-c", script], { encoding: "utf8" })
    .trim()
    .split(" ");
  const lib = join(folder, "lib", basename(library));
  mkdirSync(join(lib, "site-packages"), { recursive: true });
  mkdirSync(join(folder, "bin"));
  for (const name of readdirSync(library))
    if (name !== "site-packages") symlinkSync(join(library, name), join(lib, name));
  const copy = join(folder, "bin", "python3");
  copyFileSync(executable, copy);
  return copy;
}
