import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../../distribution/digest.ts";
import { type MadeWheel, makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, python, requireAlice, type Scene, setScene } from "../../testing/scene.ts";

/**
 * poetry asks the index by itself which of the locked files there are, and chooses in an order of its own: by build tag before
 * tags, yanked files last. So what it may take is every locked file that fits.
 */

const skip = python === undefined ? { skip: "there is no python3 on PATH" } : {};
const alice = { kind: "github", repository: "acme/alice", workflow: "release.yml" } as const;
const plain = makeWheel({ name: "demo", tag: "py3-none-any" });
const other = makeWheel({ name: "demo", tag: "py2.py3-none-any" });
const unfit = makeWheel({ name: "demo", tag: "cp27-cp27m-win32" });

type LockedFile = Pick<MadeWheel, "filename" | "sha256">;

const source = (scene: Scene) => `[package.source]\ntype = "legacy"\nurl = "${scene.index.url}"\nreference = "own"\n`;

const locked = ({ filename, sha256 }: LockedFile) => `{ file = "${filename}", hash = "sha256:${sha256}" }`;

function writeLock(scene: Scene, files: readonly LockedFile[], table = source(scene)): void {
  scene.write(
    "poetry.lock",
    `[[package]]\nname = "demo"\nversion = "1.0"\ngroups = ["main"]\nfiles = [${files.map(locked).join(", ")}]\n${table}[metadata]\nlock-version = "2.1"\n`,
  );
}

/** In the place of poetry a program that writes down what it is told. */
async function runPoetry(scene: Scene, ...more: string[]) {
  scene.write("bin/poetry", "#!/bin/sh\nenv > told\n");
  chmodSync(join(scene.folder, "bin/poetry"), 0o755);
  execFileSync(python ?? "", ["-m", "venv", "--without-pip", join(scene.folder, ".venv")]);
  return scene.tspip("run", ...more, "--", "./bin/poetry", "install");
}

const told = ({ folder }: Scene) => readFileSync(join(folder, "told"), "utf8");

test("run: of a poetry.lock every file that fits is judged, not only the best", skip, async () => {
  await using scene = await setScene();
  scene.index.add({ ...plain, provenance: provenanceOf(plain, alice) });
  scene.index.add({ ...other, provenance: null });
  scene.index.add({ ...unfit, provenance: null });
  scene.write("policy.toml", requireAlice);
  writeLock(scene, [plain, unfit]);
  const allowed = await runPoetry(scene, "--policy", "policy.toml");
  assert.equal(allowed.exitCode, 0, allowed.stderr);
  assert.match(allowed.stderr, /Judged poetry\.lock first: 1 artifact is allowed/);
  writeLock(scene, [plain, other]);
  const { exitCode, stderr } = await runPoetry(scene, "--policy", "policy.toml");
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /refused demo-1\.0-py2\.py3-none-any\.whl.*error\[attestation-absent\]/s);
});

test("run: a locked file that the index shows to poetry alone is an error", skip, async () => {
  await using scene = await setScene();
  scene.index.add(plain);
  writeLock(scene, [plain, other]);
  const { exitCode, stderr } = await runPoetry(scene);
  assert.equal(exitCode, 2, stderr);
  assert.match(stderr, /poetry\.lock:1: the index does not list "demo-1\.0-py2\.py3-none-any\.whl" of "demo==1\.0"/);
});

test("run: poetry is to build what was judged as a source distribution, and nothing else", skip, async () => {
  await using scene = await setScene();
  const bytes = Buffer.from("not looked at");
  const sdist = { filename: "demo-1.0.tar.gz", bytes, sha256: digestOf(bytes) };
  scene.index.add(plain);
  writeLock(scene, [plain, sdist]);
  assert.equal((await runPoetry(scene)).exitCode, 0);
  assert.match(told(scene), /^POETRY_INSTALLER_ONLY_BINARY=:all:$/m);
  assert.match(told(scene), /^POETRY_INSTALLER_NO_BINARY=:none:$/m);

  scene.index.add(sdist);
  scene.write("policy.toml", 'version = 1\n[default]\nsdist = "allow"\n');
  writeLock(scene, [unfit, sdist]);
  const built = await runPoetry(scene, "--policy", "policy.toml");
  assert.equal(built.exitCode, 0, built.stderr);
  assert.match(told(scene), /^POETRY_INSTALLER_ONLY_BINARY=:all:$/m);
  assert.match(told(scene), /^POETRY_INSTALLER_NO_BINARY=demo$/m);

  // Of two releases in two groups one has a wheel: were poetry to build the project, it could build that one as well.
  const newer = makeWheel({ name: "demo", version: "2.0" });
  scene.index.add(newer);
  const built1 = `[[package]]\nname = "demo"\nversion = "1.0"\ngroups = ["old"]\nfiles = [${locked(sdist)}]\n`;
  const wheel2 = `[[package]]\nname = "demo"\nversion = "2.0"\ngroups = ["main"]\nfiles = [${locked(newer)}]\n`;
  scene.write("poetry.lock", `${built1}${wheel2}[metadata]\nlock-version = "2.1"\n`);
  const both = await runPoetry(scene, "--policy", "policy.toml");
  assert.equal(both.exitCode, 0, both.stderr);
  assert.match(told(scene), /^POETRY_INSTALLER_NO_BINARY=:none:$/m);
});

test("run: a poetry.lock with an archive that poetry builds whatever it is told is a mistake", skip, async () => {
  await using scene = await setScene();
  scene.index.add(plain);
  writeLock(scene, [plain, { filename: "demo-1.0.tar.xz", sha256: "0".repeat(64) }]);
  const { exitCode, stderr } = await runPoetry(scene);
  assert.equal(exitCode, 2, stderr);
  assert.match(stderr, /"demo-1\.0\.tar\.xz" .*poetry builds/);
});

test("run: a file of poetry's at a URL has the name that stands in the URL", skip, async () => {
  await using scene = await setScene();
  const url = `${scene.index.origin}/files/${other.filename}`;
  scene.index.add(plain);
  writeLock(scene, [plain, other], `[package.source]\ntype = "url"\nurl = "${url}"\n`);
  const { exitCode, stderr } = await runPoetry(scene);
  assert.equal(exitCode, 2, stderr);
  assert.match(stderr, /one file is called "demo-1\.0-py2\.py3-none-any\.whl" and "demo-1\.0-py3-none-any\.whl"/);
});
