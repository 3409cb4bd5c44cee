import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { python, setScene } from "../../testing/scene.ts";

/** Paths that are not what an option is for. */

const wheel = makeWheel();
const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

async function setPlaces() {
  const scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  mkdirSync(join(scene.folder, "folder"));
  return scene;
}

test("a folder where a file is asked for is named as one", async () => {
  await using scene = await setPlaces();
  const reading = ["-r", "-c", "--lock", "--policy"].map((option) => ["verify", option]);
  for (const command of [...reading, ["policy", "check"], ["policy", "test"], ["sign", wheel.filename, "--key"]])
    for (const place of [".", "..", "folder", scene.folder]) {
      const { exitCode, stderr } = await scene.tspipAlone(...command, place);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, /^error: Cannot read .*"[^"]+": it is a folder\n/, [...command, place].join(" "));
    }
});

test("a folder in the place of a report or an SBOM is said before anything is installed", needsPython, async () => {
  await using scene = await setPlaces();
  for (const [option, place] of [
    ["--sbom", "."],
    ["--sbom", "folder"],
    ["--format", "json=folder"],
  ] as const) {
    const install = ["install", "--no-deps", "--target", ".", option, place, wheel.filename];
    const { exitCode, stderr } = await scene.tspipAlone(...install);
    assert.equal(exitCode, 4, stderr);
    assert.match(stderr, /^error: Cannot write "[^"]+": it is a folder\n/);
    assert.ok(!existsSync(join(scene.folder, "example")));
  }
});

test("a file that has no folder to be written to says which", async () => {
  await using scene = await setPlaces();
  const { exitCode, stderr } = await scene.tspipAlone(
    "policy",
    "init",
    `./${wheel.filename}`,
    "-o",
    "not/there/p.toml",
  );
  assert.equal(exitCode, 4);
  assert.match(stderr, /error: Cannot write ".*p\.toml": there is no folder ".*not\/there"/);
});

test("publish and attest take files: what an index or a server has is no file of theirs", async () => {
  await using scene = await setPlaces();
  scene.index.add(wheel);
  for (const command of ["publish", "attest"])
    for (const word of ["example", "example==1.0", "folder", `${scene.index.origin}/files/${wheel.filename}`]) {
      const { exitCode, stderr } = await scene.tspipOn({ env: { SIGSTORE_ID_TOKEN: "x" } }, command, word);
      assert.equal(exitCode, 2, stderr);
      assert.match(
        stderr,
        new RegExp(`^error: Cannot ${command} ".*": it is no file of this machine\\nhint: Name wheels`),
      );
    }
  assert.deepEqual(scene.index.requests, []);
});
