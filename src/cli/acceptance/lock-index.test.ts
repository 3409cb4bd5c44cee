import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../../distribution/digest.ts";
import { provenanceBy, type Scene, setScene } from "../../testing/command-scene.ts";
import { startFakeIndex } from "../../testing/fake-index.ts";
import { answer, faultAt } from "../../testing/index-faults.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import type { Report } from "../report/report.ts";

/** What a lock file says of itself proves nothing: its index is asked, whether bytes are judged or a digest. */

const wheel = makeWheel();
/** Attestations are no part of these questions. */
const quiet = 'attestation = "ignore"\n';

interface Locked {
  readonly origin?: string;
  readonly path?: string;
  readonly more?: string;
}

function writeLock(scene: Scene, { origin = scene.index.origin, path, more = "" }: Locked = {}): void {
  const place = path === undefined ? `url = "${origin}/files/${wheel.filename}"` : `path = "${path}"`;
  const text = `lock-version = "1.0"
created-by = "test"
[[packages]]
name = "example"
version = "1.0"
index = "${scene.index.url}"
[[packages.wheels]]
${place}
upload-time = 2020-01-01T00:00:00Z
hashes = { sha256 = "${wheel.sha256}" }
${more}`;
  scene.write("pylock.toml", text);
}

async function sceneWith(policy: string, offer: Partial<Parameters<Scene["index"]["add"]>[0]> = {}): Promise<Scene> {
  const scene = await setScene();
  scene.index.add({ ...wheel, provenance: null, ...offer });
  writeLock(scene);
  scene.write("policy.toml", `version = 1\n${policy}`);
  return scene;
}

/** Every way from a lock file to a verdict. */
const ways = {
  "by digest": ["verify"],
  "verify --download": ["verify", "--download"],
  install: ["install", "--target", "packages"],
} as const;

async function judge(scene: Scene, way: keyof typeof ways, ...more: string[]) {
  const [command, ...options] = ways[way];
  const argv = [...options, "--lock", "pylock.toml", "--policy", "policy.toml", "--format", "json", ...more];
  const { exitCode, stdout, stderr } = await scene.tspip(command, ...argv);
  assert.match(stdout, /^\{/, stderr);
  const { artifacts }: Report = JSON.parse(stdout);
  const [artifact] = artifacts;
  return { exitCode, artifact, ids: (artifact?.findings ?? []).map(({ id }) => id) };
}

function isInstalled(scene: Scene): boolean {
  return readdirSync(scene.folder).includes("packages") && readdirSync(join(scene.folder, "packages")).length > 0;
}

const strictStatus = `[floor]\nstatus = { yanked = "deny", archived = "deny" }\n[default]\n${quiet}`;
const oldEnough = `[default]\n${quiet}min-age = "P7D"\n`;
const lax = `[default]\n${quiet}`;

type Case = readonly [what: string, policy: string, prepare: (scene: Scene) => void, exitCode: number, id: string];
const cases: readonly Case[] = [
  ["yanked", strictStatus, ({ index }) => index.add({ ...wheel, provenance: null, yanked: "bad" }), 1, "yanked"],
  ["archived", strictStatus, ({ index }) => index.mark("example", "archived"), 1, "project-archived"],
  ["quarantined", lax, ({ index }) => index.mark("example", "quarantined", "malware"), 1, "project-quarantined"],
  [
    "quarantined and listed no more",
    lax,
    (scene) => {
      const page = { meta: {}, files: [], "project-status": { status: "quarantined" } };
      const type = { "content-type": "application/vnd.pypi.simple.v1+json" };
      scene.index.fault = faultAt("/simple/", answer(200, type, JSON.stringify(page)));
    },
    1,
    "project-quarantined",
  ],
  [
    "listed no more",
    lax,
    (scene) => {
      scene.index.fault = faultAt("/simple/", answer(404));
    },
    3,
    "artifact-unavailable",
  ],
  [
    "of an index that does not answer",
    lax,
    (scene) => {
      scene.index.fault = faultAt("/simple/", answer(500));
    },
    3,
    "artifact-unavailable",
  ],
  [
    "new, whatever time the lock has",
    oldEnough,
    ({ index }) => index.add({ ...wheel, provenance: null, uploadTime: new Date().toISOString() }),
    1,
    "too-new",
  ],
  [
    "of an index that cannot say its time",
    oldEnough,
    (scene) => {
      scene.index.fault = faultAt("/simple/", answer(500));
    },
    3,
    "artifact-unavailable",
  ],
  [
    "not attested as an earlier release is",
    '[default]\nattestation = "no-downgrade"\n',
    ({ index }) => {
      const earlier = makeWheel({ version: "0.9" });
      index.add({ ...earlier, provenance: provenanceBy("acme/alice", earlier) });
    },
    1,
    "attestation-lost",
  ],
  ["of an index that says no time, whatever time the lock has", oldEnough, () => {}, 1, "upload-time-absent"],
];
for (const [what, policy, prepare, code, id] of cases) {
  for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
    test(`a locked file that is ${what}, ${way}: ${id}`, async () => {
      await using scene = await sceneWith(policy);
      prepare(scene);
      const { exitCode, ids } = await judge(scene, way);
      assert.deepEqual([exitCode, ids[0]], [code, id]);
      assert.equal(isInstalled(scene), false);
    });
  }
}

const onlyHere = ({ index }: Scene) => `[default]\n${quiet}sources = ["${index.url}"]\n`;

for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
  test(`a URL that the index does not list is no file of that index, ${way}: source-refused`, async () => {
    await using scene = await sceneWith("");
    await using other = await startFakeIndex();
    other.add(wheel);
    scene.write("policy.toml", `version = 1\n${onlyHere(scene)}`);
    assert.equal((await judge(scene, "by digest")).exitCode, 0);

    writeLock(scene, { origin: other.origin });
    const moved = await judge(scene, way);
    assert.deepEqual([moved.exitCode, moved.ids], [1, ["source-refused"]]);
    assert.deepEqual(other.requests, []);
    scene.write(wheel.filename, wheel.bytes);
    writeLock(scene, { path: wheel.filename });
    const local = await judge(scene, way);
    assert.deepEqual([local.exitCode, local.ids], [1, ["source-refused"]]);
  });

  test(`a rule for an index is for what the index lists, ${way}`, async () => {
    await using scene = await sceneWith("");
    await using other = await startFakeIndex();
    other.add(wheel);
    const policy = `version = 1\n[default]\nattestation = "require"\n[[rule]]\nmatch = { index = "${scene.index.url}" }\n${quiet}`;
    scene.write("policy.toml", policy);
    assert.equal((await judge(scene, way)).exitCode, 0);
    writeLock(scene, { origin: other.origin });
    const { exitCode, ids } = await judge(scene, way);
    assert.deepEqual([exitCode, ids], [1, ["attestation-absent"]]);
  });

  test(`the digest that the index promises counts, not only the lock's, ${way}`, async () => {
    await using scene = await sceneWith(lax, { hashes: { sha256: "0".repeat(64) } });
    assert.equal((await judge(scene, way)).exitCode, 1);
  });

  test(`identities of the lock bind files that the index lists, ${way}`, async () => {
    await using scene = await sceneWith(lax, { provenance: provenanceBy("acme/alice", wheel) });
    const by = (repository: string) =>
      `[[packages.attestation-identities]]\nkind = "GitHub"\nrepository = "${repository}"\nworkflow = "release.yml"\n`;
    writeLock(scene, { more: by("acme/bob") });
    const { exitCode, ids } = await judge(scene, way);
    assert.deepEqual([exitCode, ids], [1, ["locked-identity-mismatch"]]);
    writeLock(scene, { more: by("acme/alice") });
    assert.equal((await judge(scene, way)).exitCode, 0);
  });
}

test("--offline: a lock of kept artifacts is installed where the policy asks nothing of the index, and this is told", async () => {
  await using scene = await sceneWith(lax);
  assert.equal((await judge(scene, "install")).exitCode, 0);
  const before = scene.index.requests.length;
  const { exitCode, ids, artifact } = await judge(scene, "install", "--offline", "--target", "again");
  assert.deepEqual([exitCode, ids], [0, ["evidence-unavailable"]]);
  assert.equal(artifact?.findings[0]?.severity, "warning");
  assert.equal(scene.index.requests.length, before);
});

test("--offline: of a digest alone, of which nothing is remembered, nobody can say anything", async () => {
  await using scene = await sceneWith(lax);
  const { exitCode, ids } = await judge(scene, "by digest", "--offline");
  assert.deepEqual([exitCode, ids], [3, ["artifact-unavailable"]]);
});

test("--offline: what the policy asks of the index stays open", async () => {
  await using scene = await sceneWith(lax);
  assert.equal((await judge(scene, "install")).exitCode, 0);
  const matching = `[default]\n${quiet}[[rule]]\nmatch = { index = "${scene.index.url}" }\n${quiet}`;
  const ownStatus = `[default]\n${quiet}status = { yanked = "deny" }\n`;
  for (const policy of [strictStatus, ownStatus, oldEnough, onlyHere(scene), matching]) {
    scene.write("policy.toml", `version = 1\n${policy}`);
    const { exitCode, ids } = await judge(scene, "install", "--offline", "--target", "again");
    assert.deepEqual([exitCode, ids], [3, ["artifact-unavailable"]], policy);
  }
});

/** Locks with URLs that do not say which index the files were found on. */
const nameless = {
  "pylock.toml": ({ index }: Scene, origin = index.origin) =>
    `lock-version = "1.0"
created-by = "pip"
[[packages]]
name = "example"
version = "1.0"
[[packages.wheels]]
url = "${origin}/files/${wheel.filename}"
hashes = { sha256 = "${wheel.sha256}" }
`,
  "pdm.lock": ({ index }: Scene, origin = index.origin) =>
    `[metadata]
groups = ["default"]
strategy = ["inherit_metadata", "static_urls"]
lock_version = "4.5.0"
[[package]]
name = "example"
version = "1.0"
groups = ["default"]
files = [{ url = "${origin}/files/${wheel.filename}", hash = "sha256:${wheel.sha256}" }]
`,
};

for (const [name, lockOf] of Object.entries(nameless)) {
  test(`a ${name} that names no index: the index that lists the URL answers for it`, async () => {
    await using scene = await sceneWith(lax, { yanked: "broken" });
    // Each is told by what stands in it.
    scene.write("pylock.toml", lockOf(scene));
    for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
      scene.write("policy.toml", `version = 1\n${onlyHere(scene)}`);
      const allowed = await judge(scene, way);
      assert.deepEqual([allowed.exitCode, allowed.ids], [0, ["yanked"]], way);
      scene.write("policy.toml", `version = 1\n${strictStatus}`);
      const refused = await judge(scene, way);
      assert.deepEqual([refused.exitCode, refused.ids], [1, ["yanked"]], way);
    }
  });

  test(`a ${name} that names no index, with a URL that no index lists: it comes from that URL`, async () => {
    await using elsewhere = await startFakeIndex();
    elsewhere.add({ ...wheel, provenance: null });
    await using scene = await sceneWith(lax);
    scene.write("pylock.toml", lockOf(scene, elsewhere.origin));
    assert.equal((await judge(scene, "install")).exitCode, 0);
    scene.write("policy.toml", `version = 1\n${onlyHere(scene)}`);
    assert.deepEqual((await judge(scene, "by digest")).ids, ["source-refused"]);
  });
}

for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
  test(`every digest that a lock has of a file is that of the file: other installers take one, ${way}`, async () => {
    await using scene = await sceneWith(lax);
    const twice = (more: string) =>
      scene.write(
        "pylock.toml",
        readFileSync(join(scene.folder, "pylock.toml"), "utf8").replace(
          /hashes = .+/,
          `hashes = { sha256 = "${wheel.sha256}", ${more} }`,
        ),
      );
    twice(`sha512 = "${digestOf(wheel.bytes, "sha512")}"`);
    assert.equal((await judge(scene, way)).exitCode, 0);
    twice(`sha512 = "${"e".repeat(128)}"`);
    const { exitCode, ids } = await judge(scene, way);
    assert.deepEqual([exitCode, ids], [1, ["hash-mismatch"]]);
    assert.equal(isInstalled(scene), way === "install", "what was installed before stays, and nothing else");
    twice(`md5 = "${"e".repeat(32)}"`);
    const [command, ...options] = ways[way];
    const weak = await scene.tspip(command, ...options, "--lock", "pylock.toml");
    assert.equal(weak.exitCode, 2);
    assert.match(weak.stderr, /"hashes" has a digest by "md5", which tspip does not compare/);
  });
}

test("a lock that lists one file twice is refused: nobody knows which of them is meant", async () => {
  await using scene = await sceneWith(lax);
  const text = readFileSync(join(scene.folder, "pylock.toml"), "utf8");
  const [, entry = ""] = text.split("[[packages.wheels]]");
  scene.write("pylock.toml", `${text}[[packages.wheels]]${entry.replace(wheel.sha256, "e".repeat(64))}`);
  const { exitCode, stderr } = await scene.tspip("verify", "--lock", "pylock.toml");
  assert.equal(exitCode, 2, stderr);
  assert.match(stderr, /lists "example-1\.0-py3-none-any\.whl" twice/);
});
