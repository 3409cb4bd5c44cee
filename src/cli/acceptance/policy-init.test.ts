import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { authority, provenanceBy, publisher, type Scene, setScene } from "../../testing/command-scene.ts";
import { pylockOf } from "../../testing/lock-texts.ts";
import { makeWheel } from "../../testing/make-wheel.ts";

/** `tspip policy init`: from what is asked for to a policy that admits it, and nothing of it by others. */

const alpha = makeWheel({ name: "alpha" });
const beta = makeWheel({ name: "beta" });
const gamma = makeWheel({ name: "gamma" });
const needsPython = spawnSync("python3", ["--version"]).status === 0 ? {} : { skip: "there is no python3 on PATH" };

function requirements(...wheels: readonly { filename: string; sha256: string }[]): string {
  return wheels.map(({ filename, sha256 }) => `${filename.split("-")[0]}==1.0 --hash=sha256:${sha256}\n`).join("");
}

async function sceneOfThree(): Promise<Scene> {
  const scene = await setScene();
  scene.index.add({ ...alpha, provenance: provenanceBy("acme/alpha", alpha) });
  scene.index.add({ ...beta, provenance: provenanceBy("acme/beta", beta) });
  scene.index.add({ ...gamma, provenance: null });
  scene.write("requirements.txt", requirements(alpha, beta, gamma));
  return scene;
}

test("policy init -r: signers and rules of what is attested, and what is not", needsPython, async () => {
  await using scene = await sceneOfThree();
  const { exitCode, stderr } = await scene.tspip("policy init", "-r", "requirements.txt");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /Wrote policy\.toml: 2 of 3 projects attested/);
  const text = scene.read("policy.toml");
  assert.match(text, /^#:schema policy\.schema\.json$/m);
  assert.match(text, /^# Made by `tspip policy init` from requirements\.txt:\n# 2 of 3 projects attested$/m);
  assert.match(
    text,
    /\[signers\.alpha\]\nkind = "github"\nrepository = "acme\/alpha"\nworkflow = "release\.yml"\nrepository-id = "\d+"/,
  );
  assert.match(
    text,
    /# beta 1\.0\n\[\[rule\]\]\nmatch = \{ name = "beta" \}\nattestation = "require"\npublish = \{ signer = "beta" \}/,
  );
  assert.match(text, /^hashes = "require"/m, "every file was pinned");
  assert.match(text, /^# - gamma 1\.0$/m);

  const verified = await scene.tspip("verify", "-r", "requirements.txt", "--policy", "policy.toml");
  assert.equal(verified.exitCode, 0, verified.stdout);

  scene.index.add({ ...beta, provenance: provenanceBy("mallory/beta", beta) });
  const swapped = await scene.tspip("verify", "-r", "requirements.txt", "--policy", "policy.toml");
  assert.equal(swapped.exitCode, 1);
  assert.match(swapped.stdout, /signer-mismatch/);
});

test("policy init without words takes the lock file that is here, and asks for no bytes", needsPython, async () => {
  await using scene = await setScene();
  scene.index.add({ ...alpha, provenance: provenanceBy("acme/alpha", alpha) });
  scene.write("pylock.toml", pylockOf(scene.index, alpha));
  const { exitCode, stdout, stderr } = await scene.tspip("policy init", "-o", "-");
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /# Made by `tspip policy init` from pylock\.toml:\n# 1 of 1 project attested/);
  assert.match(stdout, /^publish = \{ signer = "alpha" \}$/m);
  assert.ok(!existsSync(join(scene.folder, "policy.toml")));
  assert.ok(!scene.index.requests.some((request) => request.startsWith("GET /files/")));
});

test("policy init does not speak of signers where there are none", needsPython, async () => {
  await using scene = await sceneOfThree();
  scene.write("gamma.txt", requirements(gamma));
  const { stderr } = await scene.tspip("policy init", "-r", "gamma.txt");
  assert.match(stderr, /0 of 1 project attested\nhint: Nobody signs any of it yet; name it as policy = "policy\.toml"/);
});

test("policy init where there is nothing to fit to writes a policy to begin with", async () => {
  await using scene = await setScene();
  const { exitCode, stderr } = await scene.tspip("policy init");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /no lock or requirements file here/);
  assert.doesNotMatch(scene.read("policy.toml"), /^\[\[rule\]\]|^\[signers/m);
  assert.match(scene.read("policy.toml"), /^hashes = "index"/m);
});

test("policy init writes over nothing unless it is told to", needsPython, async () => {
  await using scene = await sceneOfThree();
  scene.write("policy.toml", "mine");
  const { exitCode, stderr } = await scene.tspip("policy init", "-r", "requirements.txt");
  assert.equal(exitCode, 2);
  assert.match(stderr, /"policy\.toml" is there already/);
  assert.deepEqual(scene.index.requests, [], "and says so before it asks anybody");
  assert.equal(scene.read("policy.toml"), "mine");
  assert.equal((await scene.tspip("policy init", "alpha==1.0", "--no-deps", "--force")).exitCode, 0);
  assert.match(scene.read("policy.toml"), /^version = 1$/m);
});

test("policy init fits to nothing bad, and to nothing it could not see", needsPython, async () => {
  await using scene = await sceneOfThree();
  const by = publisher("acme/beta");
  const other = authority.attest({ filename: beta.filename, sha256: alpha.sha256, publisher: by });
  const stolen = JSON.stringify(authority.provenance([{ publisher: by, attestations: [other] }]));
  scene.index.add({ ...beta, provenance: stolen });
  const bad = await scene.tspip("policy init", "-r", "requirements.txt");
  assert.equal(bad.exitCode, 1);
  assert.match(bad.stdout, /attestation-subject-mismatch|attestation-digest-mismatch/);
  assert.match(bad.stderr, /No policy was written/);

  scene.index.fault = ({ url = "" }, response) => {
    if (!url.startsWith("/integrity/")) return false;
    response.writeHead(500).end();
    return true;
  };
  assert.equal((await scene.tspip("policy init", "-r", "requirements.txt")).exitCode, 3);
  assert.ok(!existsSync(join(scene.folder, "policy.toml")));
});
