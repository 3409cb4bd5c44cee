import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startFakeSigstore } from "../../testing/fake-sigstore.ts";
import { startFakeUploadServer } from "../../testing/fake-upload-server.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { authority, setScene } from "../../testing/scene.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";

/** `tspip attest`, with package sigstore, against a Sigstore instance on loopback. */

const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml" };
const requireAlice =
  'version = 1\n[signers.alice]\nkind = "github"\nrepository = "acme/alice"\n[default]\nattestation = "require"\npublish = { signer = "alice" }\n';
const wheel = makeWheel({ name: "app", version: "1.0" });
/** A token as far as package sigstore reads it. */
const token = ["{}", '{"sub":"repo:acme/alice"}', ""].map((part) => Buffer.from(part).toString("base64url")).join(".");
const job = { SIGSTORE_ID_TOKEN: token };

test("attest: a file gets an attestation that its users accept", async () => {
  await using scene = await setScene();
  await using sigstore = await startFakeSigstore(authority, alice);
  scene.write(wheel.filename, wheel.bytes);
  scene.write("policy.toml", requireAlice);
  const instance = ["--fulcio-url", sigstore.url, "--rekor-url", sigstore.url, "--trusted-root", "root.json"];
  const attest = () => scene.tspipOn({ env: job }, "attest", ...instance, wheel.filename);
  const { exitCode, stderr } = await attest();
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /Attested app-1\.0-py3-none-any\.whl as GitHub acme\/alice/);
  const judged = await scene.tspip("verify", "--policy", "policy.toml", wheel.filename);
  assert.equal(judged.exitCode, 0, judged.stdout);

  const again = await attest();
  assert.equal(again.exitCode, 2);
  assert.match(again.stderr, /has an attestation beside it already/);
});

test("attest: what users would refuse is not signed, and without an identity nothing is", async () => {
  await using scene = await setScene();
  await using sigstore = await startFakeSigstore(authority, alice);
  const instance = ["--fulcio-url", sigstore.url, "--rekor-url", sigstore.url, "--trusted-root", "root.json"];
  const bad = makeWheel({ name: "bad", version: "1.0", altered: { "bad/__init__.py": "import evil\n" } });
  scene.write(bad.filename, bad.bytes);
  const refused = await scene.tspipOn({ env: job }, "attest", ...instance, bad.filename);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stdout, /error\[record-mismatch\]/);
  scene.write(wheel.filename, wheel.bytes);
  const nobody = await scene.tspipOn({ env: {} }, "attest", ...instance, wheel.filename);
  assert.equal(nobody.exitCode, 2);
  assert.match(nobody.stderr, /There is no identity to sign with[\s\S]*id-token: write/);
  assert.deepEqual(sigstore.requests, []);
});

test("attest: an attestation that does not verify is not kept", async () => {
  await using scene = await setScene();
  await using sigstore = await startFakeSigstore(authority, alice);
  scene.write(wheel.filename, wheel.bytes);
  const instance = ["--fulcio-url", sigstore.url, "--rekor-url", sigstore.url];
  const stranger = await scene.tspipOn({ env: job }, "attest", ...instance, wheel.filename);
  assert.equal(stranger.exitCode, 3);
  assert.match(stranger.stderr, /The attestation made for "app-1\.0-py3-none-any\.whl" does not verify/);
  const down = await scene.tspipOn(
    { env: job },
    "attest",
    "--fulcio-url",
    "http://127.0.0.1:9",
    "--timeout",
    "1",
    wheel.filename,
  );
  assert.equal(down.exitCode, 3);
  assert.match(down.stderr, /Cannot attest "app-1\.0-py3-none-any\.whl": /);
  assert.equal(existsSync(join(scene.folder, `${wheel.filename}.publish.attestation`)), false);
});

test("publish: a CI job's files are attested before they are judged and go up", async () => {
  await using scene = await setScene();
  await using sigstore = await startFakeSigstore(authority, alice);
  await using server = await startFakeUploadServer();
  scene.write(wheel.filename, wheel.bytes);
  scene.write("policy.toml", requireAlice);
  const env = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${server.origin}/identity?x=1`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "job",
  };
  server.identity = token;
  const instance = ["--fulcio-url", sigstore.url, "--rekor-url", sigstore.url, "--trusted-root", "root.json"];
  const argv = ["publish", ...instance, "--policy", "policy.toml", "--repository-url", server.url, wheel.filename];
  const { exitCode, stdout, stderr } = await scene.tspipOn({ env }, ...argv);
  assert.equal(exitCode, 0, stdout + stderr);
  const sent = server.uploads[0]?.fields.find(([name]) => name === "attestations")?.[1] ?? "";
  const beside = readFileSync(join(scene.folder, `${wheel.filename}.publish.attestation`), "utf8");
  assert.deepEqual(JSON.parse(sent), [JSON.parse(beside)]);
});
