import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, type Scene, setScene, skipWithout } from "../../testing/scene.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";

/** Lock files written, read again, and held to what they say about who signed. */

const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", environment: "pypi" };
const bob: TestPublisher = { kind: "gitlab", repository: "bobs/app", workflow: ".gitlab-ci.yml" };
const app = makeWheel({ name: "app", version: "1.0" });

/** Locks `app`, which `alice` has published. */
async function lockApp(scene: Scene): Promise<string> {
  scene.index.add({ ...app, provenance: provenanceOf(app, alice) });
  const { exitCode, stderr } = await scene.tspip("lock", "app");
  assert.equal(exitCode, 0, stderr);
  return readFileSync(join(scene.folder, "pylock.toml"), "utf8");
}

test("lock: versions, hashes and signers, and the same text each time", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.offer({ name: "lib", version: "2.0" });
  scene.offer({ name: "lib", version: "2.0", tag: "cp27-cp27m-win32" });
  const text = await lockApp(scene);
  assert.match(text, /^lock-version = "1\.0"\nenvironments = \["sys_platform == /);
  assert.match(text, new RegExp(`\\[\\[packages\\]\\]\nname = "app"\nversion = "1\\.0"\nindex = "${scene.index.url}"`));
  assert.ok(text.includes(`hashes = { sha256 = "${app.sha256}" }`));
  assert.ok(
    text.includes(
      '[[packages.attestation-identities]]\nenvironment = "pypi"\nkind = "GitHub"\nrepository = "acme/alice"\nworkflow = "release.yml"\n',
    ),
    text,
  );
  assert.equal(await lockApp(scene), text);
  const { exitCode } = await scene.tspip("lock", "app", "lib", "-o", "pylock.dev.toml");
  assert.equal(exitCode, 0);
  const second = readFileSync(join(scene.folder, "pylock.dev.toml"), "utf8");
  assert.doesNotMatch(second, /win32/, "files for other systems are left out");
  assert.equal((await scene.tspip("install", "--lock", "pylock.dev.toml", "--venv", "env")).exitCode, 0);
  assert.deepEqual(scene.installed(), ["app==1.0", "lib==2.0"]);
});

test("lock: what the lock file has already is kept, until --upgrade", skipWithout("uv"), async () => {
  await using scene = await setScene();
  await lockApp(scene);
  scene.offer({ name: "app", version: "2.0" });
  await scene.tspip("lock", "app");
  assert.match(readFileSync(join(scene.folder, "pylock.toml"), "utf8"), /version = "1\.0"/);
  await scene.tspip("lock", "app", "--upgrade");
  assert.match(readFileSync(join(scene.folder, "pylock.toml"), "utf8"), /version = "2\.0"/);
});

test("lock: nothing is written after a refusal, and only under a lock file's name", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.offer({ name: "app", version: "1.0", altered: { "app/__init__.py": "import evil\n" } });
  assert.equal((await scene.tspip("lock", "app")).exitCode, 1);
  assert.throws(() => readFileSync(join(scene.folder, "pylock.toml")), { code: "ENOENT" });
  const { exitCode, stderr } = await scene.tspip("lock", "app", "-o", "lock.toml");
  assert.equal(exitCode, 2);
  assert.match(stderr, /pylock\.NAME\.toml/);
});

const afterwards = [
  [
    "the attestation is gone",
    null,
    1,
    /locked-identity-mismatch.*attested by GitHub pypi, acme\/alice, release\.yml, the index says that there is none/,
  ],
  ["somebody else has attested it", provenanceOf(app, bob), 1, /locked-identity-mismatch.*it is by GitLab bobs\/app/],
  ["the same publisher has attested it", provenanceOf(app, { ...alice, ref: "refs/tags/v9" }), 0, /ok app-1\.0/],
] as const;
for (const [what, provenance, expected, words] of afterwards) {
  test(`install --lock: when ${what}, that ends with exit code ${expected}`, skipWithout("uv"), async () => {
    await using scene = await setScene();
    await lockApp(scene);
    scene.index.add({ ...app, provenance });
    const { exitCode, stdout } = await scene.tspip("install", "--lock", "pylock.toml", "--venv", "env");
    assert.equal(exitCode, expected, stdout);
    assert.match(stdout, words);
  });
}

test(
  "install --lock: a rule that ignores attestations does not lift what the lock file says",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    await lockApp(scene);
    scene.index.add({ ...app, provenance: null });
    scene.write("lax.toml", 'version = 1\n[default]\nmode = "off"\nattestation = "ignore"\n');
    const { exitCode } = await scene.tspip("verify", "--lock", "pylock.toml", "--policy", "lax.toml");
    assert.equal(exitCode, 1);
  },
);

test(
  "install --lock: an identity of a kind that nobody knows fits nobody; one without kind is a mistake",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    const text = await lockApp(scene);
    scene.write("pylock.toml", text.replace('kind = "GitHub"', 'kind = "Forge"'));
    const unknown = await scene.tspip("verify", "--lock", "pylock.toml");
    assert.deepEqual([unknown.exitCode, /locked-identity-mismatch/.test(unknown.stdout)], [1, true]);
    scene.write("pylock.toml", text.replace('kind = "GitHub"\n', ""));
    const nameless = await scene.tspip("verify", "--lock", "pylock.toml");
    assert.equal(nameless.exitCode, 2);
    assert.match(nameless.stderr, /packages\[0\]\.attestation-identities\[0\]: an identity has no kind/);
  },
);
