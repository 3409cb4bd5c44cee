import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, python, requireAlice, type Scene, setScene } from "../../testing/scene.ts";
import { snapshot } from "../../testing/tree.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";

/** `tspip download`: what passes the gate lies in a folder, with what vouches for it, and nothing else does. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};
const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" };
const alpha = makeWheel({ name: "alpha", metadata: ["Requires-Dist: beta"] });
const beta = makeWheel({ name: "beta", version: "2.1" });

async function sceneWithBoth(): Promise<Scene> {
  const scene = await setScene();
  for (const wheel of [alpha, beta]) scene.index.add({ ...wheel, provenance: provenanceOf(wheel, alice) });
  scene.write("policy.toml", requireAlice);
  return scene;
}

const filesIn = (scene: Scene, folder: string) => readdirSync(join(scene.folder, folder)).sort();

test(
  "download: admitted files and their provenance, enough to verify them again without an index",
  needsPython,
  async () => {
    await using scene = await sceneWithBoth();
    const asked = ["alpha==1.0", "beta==2.1", "--policy", "policy.toml"];
    const { exitCode, stdout, stderr } = await scene.tspip("download", ...asked, "-d", "wheels");
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stderr, /Downloaded 2 artifacts into wheels/);
    const names = [alpha.filename, beta.filename].flatMap((name) => [name, `${name}.provenance`]);
    assert.deepEqual(filesIn(scene, "wheels"), names.sort());
    assert.deepEqual(readFileSync(join(scene.folder, "wheels", beta.filename)), beta.bytes);

    const again = await scene.tspip("verify", "./wheels", "--offline", "--policy", "policy.toml");
    assert.equal(again.exitCode, 0, again.stdout + again.stderr);

    const before = snapshot(scene.folder);
    assert.equal((await scene.tspip("download", ...asked, "-d", "wheels")).exitCode, 0);
    assert.deepEqual(snapshot(scene.folder), before, "the same again changes nothing");
  },
);

test("download: one refusal, and nothing is released", needsPython, async () => {
  await using scene = await sceneWithBoth();
  scene.index.add({ ...beta, provenance: null });
  const before = snapshot(scene.folder);
  const asked = ["alpha==1.0", "beta==2.1", "--policy", "policy.toml", "--no-cache-dir"];
  const { exitCode, stdout } = await scene.tspip("download", ...asked, "-d", "wheels");
  assert.equal(exitCode, 1, stdout);
  assert.match(stdout, /error\[attestation-absent\]/);
  assert.match(stdout, /nothing was downloaded/);
  assert.deepEqual(snapshot(scene.folder), before);
});

test(
  "download: provenance is kept where the policy has no use for it, and its verdict stays the same",
  needsPython,
  async () => {
    await using scene = await sceneWithBoth();
    scene.write("ignore.toml", 'version = 1\n[default]\nattestation = "ignore"\n');
    const asked = ["beta==2.1", "--policy", "ignore.toml", "--no-cache-dir"];
    assert.equal((await scene.tspip("download", ...asked, "-d", "wheels")).exitCode, 0);
    assert.deepEqual(filesIn(scene, "wheels"), [beta.filename, `${beta.filename}.provenance`]);
    scene.index.fault = ({ url }, response) => {
      if (!url?.startsWith("/integrity/")) return false;
      response.writeHead(500).end();
      return true;
    };
    const { exitCode, stdout } = await scene.tspip("download", ...asked, "-d", "others");
    assert.equal(exitCode, 0, stdout);
    assert.deepEqual(filesIn(scene, "others"), [beta.filename]);
  },
);

test("download: a file of the user's own keeps its name and contents", needsPython, async () => {
  await using scene = await sceneWithBoth();
  scene.write(`wheels/${beta.filename}`, "mine");
  scene.write("wheels/notes.txt", "mine");
  const before = snapshot(scene.folder);
  const asked = ["alpha==1.0", "beta==2.1", "--no-cache-dir"];
  const { exitCode, stderr } = await scene.tspip("download", ...asked, "-d", "wheels");
  assert.equal(exitCode, 4, stderr);
  assert.match(stderr, /beta-2\.1-py3-none-any\.whl" is there already/);
  assert.deepEqual(snapshot(scene.folder), before);
});

test("download: a file in the place of the folder is a mistake, told before anything is asked for", async () => {
  await using scene = await sceneWithBoth();
  scene.write("notes.txt", "mine");
  for (const [dest, what] of [
    ["notes.txt", "it"],
    ["notes.txt/x/y", '".*notes.txt"'],
  ]) {
    const { exitCode, stderr } = await scene.tspip("download", "alpha==1.0", "-d", `${dest}`);
    assert.equal(exitCode, 2, stderr);
    assert.match(
      stderr,
      new RegExp(`^error: Cannot download into "${dest}": ${what} is no folder\nhint: Name a folder`),
    );
  }
  assert.deepEqual(scene.index.requests, []);
});

test(
  "download: a wheel of this machine goes with the attestation beside it; the current folder is the default",
  needsPython,
  async () => {
    await using scene = await setScene();
    mkdirSync(join(scene.folder, "dist"));
    writeFileSync(join(scene.folder, "dist", beta.filename), beta.bytes);
    writeFileSync(join(scene.folder, "dist", `${beta.filename}.provenance`), provenanceOf(beta, alice));
    const { exitCode, stdout, stderr } = await scene.tspip("download", `dist/${beta.filename}`, "--offline");
    assert.equal(exitCode, 0, stdout + stderr);
    for (const name of [beta.filename, `${beta.filename}.provenance`])
      assert.ok(existsSync(join(scene.folder, name)), `${name} is missing`);
  },
);
