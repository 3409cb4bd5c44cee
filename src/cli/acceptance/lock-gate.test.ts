import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { authority, provenanceBy, requireAlice, type Scene, setScene } from "../../testing/command-scene.ts";
import { answer, faultAt } from "../../testing/index-faults.ts";
import { type MadeWheel, makeWheel } from "../../testing/make-wheel.ts";
import { typeCommand } from "../../testing/type-command.ts";
import type { Report } from "../report/report.ts";

/** `tspip verify --lock`: digests are judged, bytes are not asked for, and the second run asks nothing. */

const wheel = makeWheel();

function pylock({ index }: Scene, wheels: readonly MadeWheel[]): string {
  const packages = wheels.map(
    ({ filename, sha256 }) => `[[packages]]
name = "${filename.split("-")[0]}"
version = "${filename.split("-")[1]}"
index = "${index.url}"
[[packages.wheels]]
url = "${index.origin}/files/${filename}"
hashes = { sha256 = "${sha256}" }
`,
  );
  return `lock-version = "1.0"\ncreated-by = "test"\n${packages.join("")}`;
}

async function gate(scene: Scene, ...argv: string[]) {
  const before = scene.index.requests.length;
  const lock = ["--lock", "pylock.toml", "--format", "json"];
  const { exitCode, stdout, stderr } = await scene.tspip("verify", ...lock, ...argv);
  assert.match(stdout, /^\{/, stderr);
  const report: Report = JSON.parse(stdout);
  return { exitCode, report, artifact: report.artifacts[0], requests: scene.index.requests.slice(before), stderr };
}

async function sceneWith(offer: Partial<Parameters<Scene["index"]["add"]>[0]> = {}): Promise<Scene> {
  const scene = await setScene();
  scene.index.add({ ...wheel, provenance: provenanceBy("acme/alice", wheel), ...offer });
  scene.write("pylock.toml", pylock(scene, [wheel]));
  scene.write("policy.toml", requireAlice);
  return scene;
}

test("a locked file is judged by its digest: no bytes are asked for, and the report says what was not looked at", async () => {
  await using scene = await sceneWith();
  const { exitCode, artifact, requests } = await gate(scene, "--policy", "policy.toml");
  assert.equal(exitCode, 0);
  assert.deepEqual(requests, ["GET /simple/example/", `GET /integrity/${wheel.filename}/provenance`]);
  assert.deepEqual(artifact?.unseen, ["archive", "record"]);
  assert.deepEqual(artifact?.hashes, { sha256: wheel.sha256 });
  assert.equal(artifact?.evidence.find(({ kind }) => kind === "attestation")?.signer?.repository, "acme/alice");
  const text = await scene.tspip("verify", "--lock", "pylock.toml");
  assert.match(text.stdout, /note: Judged 1 artifact by the digest in the lock file, without the bytes/);
});

test("the second run asks nothing, under another policy as well, and judges anew", async () => {
  await using scene = await sceneWith();
  assert.equal((await gate(scene)).exitCode, 0);
  const second = await gate(scene, "--policy", "policy.toml");
  assert.deepEqual([second.exitCode, second.requests], [0, []]);
  assert.equal(second.artifact?.evidence.find(({ kind }) => kind === "attestation")?.signer?.repository, "acme/alice");
  scene.write("policy.toml", requireAlice.replace("acme/alice", "acme/bob"));
  const third = await gate(scene, "--policy", "policy.toml");
  assert.deepEqual([third.exitCode, third.requests], [1, []]);
  assert.equal(third.artifact?.findings[0]?.id, "signer-mismatch");
  assert.equal((await gate(scene, "--offline")).exitCode, 0);
});

test("with another trusted root, --explain or --no-cache-dir, attestations are verified anew", async () => {
  await using scene = await sceneWith();
  await gate(scene);
  const asksProvenance = (requests: string[]) => requests.some((request) => request.includes("/integrity/"));
  assert.ok(asksProvenance((await gate(scene, "--explain")).requests));
  assert.ok(asksProvenance((await gate(scene, "--no-cache-dir")).requests));
  const other = authority.trustedRootWith("certificate-log-retired");
  scene.write("other.json", other);
  const { exitCode, requests, artifact } = await gate(scene, "--trusted-root", "other.json");
  assert.ok(asksProvenance(requests));
  assert.deepEqual([exitCode, artifact?.findings[0]?.id], [1, "attestation-invalid"]);
});

test("what was invalid or could not be had is asked for again", async () => {
  await using scene = await sceneWith();
  scene.index.fault = faultAt("/integrity/", answer(500));
  assert.equal((await gate(scene)).exitCode, 3);
  scene.index.fault = faultAt("/integrity/", answer(200, {}, "{"));
  assert.equal((await gate(scene)).exitCode, 1);
  scene.index.fault = undefined;
  assert.equal((await gate(scene)).exitCode, 0);
});

test("what is remembered is not believed when it is broken, moved or open to others", async () => {
  await using scene = await sceneWith();
  await gate(scene);
  const folder = join(scene.folder, ".cache/tspip/locked");
  removeKept(scene, ".pack");
  // Whether the interpreter is remembered depends on what `python3` is: a script that stands for one is not.
  const files = readdirSync(folder).filter(
    (name) => !readFileSync(join(folder, name), "utf8").includes('"interpreter"'),
  );
  assert.equal(files.length, 3);
  const [first = "", second = "", third = ""] = files.map((name) => readFileSync(join(folder, name), "utf8"));
  const moved = [second, third, first.slice(0, -5)];
  for (const [at, text] of moved.entries()) writeFileSync(join(folder, files[at] ?? ""), text);
  assert.equal((await gate(scene)).requests.length, 2);
  chmodSync(folder, 0o777);
  const open = await gate(scene);
  assert.equal(open.requests.length, 2);
  assert.match(open.stderr, /others may write to it/);
});

/** Removes what is remembered in one of its forms: `.json`, a file for each answer, or `.pack`, one for the lock. */
function removeKept(scene: Scene, form: ".json" | ".pack"): void {
  const folder = join(scene.folder, ".cache/tspip/locked");
  for (const name of readdirSync(folder)) if (name.endsWith(form)) rmSync(join(folder, name));
}

/** A scene whose second run has what it remembers in one file, and nothing else. */
async function packedScene(): Promise<Scene> {
  const scene = await sceneWith();
  await gate(scene);
  removeKept(scene, ".json");
  return scene;
}

test("what a lock needs lies in one file: with nothing else, the second run asks nothing and judges anew", async () => {
  await using scene = await packedScene();
  const { exitCode, requests } = await gate(scene, "--policy", "policy.toml", "--offline");
  assert.deepEqual([exitCode, requests], [0, []]);
  scene.write("policy.toml", requireAlice.replace("acme/alice", "acme/bob"));
  const other = await gate(scene, "--policy", "policy.toml");
  assert.deepEqual([other.exitCode, other.requests, other.artifact?.findings[0]?.id], [1, [], "signer-mismatch"]);
});

test("that file is not believed under another trusted root", async () => {
  await using scene = await packedScene();
  scene.write("other.json", authority.trustedRootWith("certificate-log-retired"));
  const { exitCode, requests, artifact } = await gate(scene, "--trusted-root", "other.json");
  assert.deepEqual(requests, [`GET /integrity/${wheel.filename}/provenance`]);
  assert.deepEqual([exitCode, artifact?.findings[0]?.id], [1, "attestation-invalid"]);
});

test("nor of another index, nor for another digest in the same lock file", async () => {
  await using scene = await packedScene();
  scene.write("pylock.toml", pylock(scene, [{ ...wheel, sha256: "0".repeat(64) }]));
  const { exitCode, artifact } = await gate(scene);
  assert.deepEqual([exitCode, artifact?.findings[0]?.id], [1, "hash-mismatch"]);

  scene.write("pylock.toml", pylock(scene, [wheel]).replace(`${scene.index.url}"`, `${scene.index.url}other/"`));
  assert.notEqual((await gate(scene)).requests.length, 0);
});

test("nor after a day, nor when it is broken", async () => {
  await using scene = await packedScene();
  const day = 24 * 60 * 60 * 1000;
  const at = async (ms: number) => {
    const before = scene.index.requests.length;
    const settings = ["-i", scene.index.url, "--trusted-root", "root.json"];
    await typeCommand(scene.folder, ["verify", "--lock", "pylock.toml", ...settings], {
      now: () => new Date(Date.now() + ms),
    });
    removeKept(scene, ".json");
    return scene.index.requests.length - before;
  };
  assert.equal(await at(day / 2), 0);
  assert.equal(await at(-day), 2);
  assert.equal(await at(2 * day), 2);

  await gate(scene);
  removeKept(scene, ".json");
  const folder = join(scene.folder, ".cache/tspip/locked");
  const path = join(folder, readdirSync(folder)[0] ?? "");
  writeFileSync(path, readFileSync(path, "utf8").replaceAll("acme/alice", "acme/mallo"));
  const { requests, artifact } = await gate(scene);
  assert.equal(requests.length, 2);
  assert.equal(artifact?.evidence.find(({ kind }) => kind === "attestation")?.signer?.repository, "acme/alice");
});

test("two gates at once end right, and leave an answer that the third one uses", async () => {
  await using scene = await sceneWith();
  const both = await Promise.all([gate(scene), gate(scene)]);
  assert.deepEqual(
    both.map(({ exitCode }) => exitCode),
    [0, 0],
  );
  removeKept(scene, ".json");
  assert.deepEqual((await gate(scene)).requests, []);
});

test("cache info counts that file, and cache clear removes it", async () => {
  await using scene = await packedScene();
  const cache = (command: string) => typeCommand(scene.folder, ["cache", command]);
  assert.match((await cache("info")).stdout, /^ {2}locked: 1 files, \d+ bytes$/m);
  const { stdout, stderr } = await cache("clear");
  assert.match(stdout, /^Removed locked: 1 files, \d+ bytes$/m);
  assert.equal(stderr, "");
  assert.equal((await gate(scene)).requests.length, 2);
});

const findings: [what: string, offer: Parameters<typeof sceneWith>[0], exitCode: number, id: string][] = [
  ["another digest on the index", { hashes: { sha256: "0".repeat(64) } }, 1, "hash-mismatch"],
  [
    "an attestation of another file",
    { provenance: provenanceBy("acme/alice", makeWheel({ name: "x" })) },
    1,
    "attestation-subject-mismatch",
  ],
  ["no attestation", { provenance: null }, 1, "attestation-absent"],
  ["a file that is yanked", { yanked: "broken" }, 0, "yanked"],
];
for (const [what, offer, code, id] of findings) {
  test(`the gate tells of ${what}: ${id}`, async () => {
    await using scene = await sceneWith(offer);
    const { exitCode, artifact, requests } = await gate(scene, "--policy", "policy.toml");
    assert.deepEqual([exitCode, artifact?.findings[0]?.id], [code, id]);
    assert.equal(
      requests.some((request) => request.includes("/files/")),
      false,
    );
  });
}

test("no-downgrade: a release without attestations after one that had them is refused", async () => {
  await using scene = await sceneWith();
  const next = makeWheel({ version: "1.1" });
  scene.index.add({ ...next, provenance: null });
  scene.write("pylock.toml", pylock(scene, [next]));
  scene.write("policy.toml", 'version = 1\n[default]\nattestation = "no-downgrade"\n');
  for (const run of ["first", "remembered"]) {
    const { exitCode, artifact } = await gate(scene, "--policy", "policy.toml");
    assert.equal(exitCode, 1, run);
    assert.match(artifact?.findings[0]?.message ?? "", /1\.0/);
  }
});

test("identities that the lock file names are asked for, whatever the policy ignores", async () => {
  await using scene = await sceneWith();
  scene.write("off.toml", 'version = 1\n[default]\nmode = "off"\nattestation = "ignore"\n');
  const locked = (repository: string) =>
    `${pylock(scene, [wheel])}[[packages.attestation-identities]]\nkind = "GitHub"\nrepository = "${repository}"\nworkflow = "release.yml"\n`;
  scene.write("pylock.toml", locked("acme/alice"));
  assert.equal((await gate(scene, "--policy", "off.toml")).exitCode, 0);
  scene.write("pylock.toml", locked("acme/bob"));
  const { exitCode, artifact, requests } = await gate(scene, "--policy", "off.toml");
  assert.deepEqual([exitCode, requests], [1, []]);
  assert.equal(artifact?.findings[0]?.id, "locked-identity-mismatch");
});

test("a wheel that is downloaded may need one that is judged by its digest", async () => {
  await using scene = await setScene();
  const user = makeWheel({ name: "user", metadata: ["Requires-Dist: example"] });
  scene.index.add(wheel);
  scene.write(user.filename, user.bytes);
  const local = `[[packages]]\nname = "user"\nversion = "1.0"\nwheels = [{ path = "${user.filename}", hashes = { sha256 = "${user.sha256}" } }]\n`;
  scene.write("pylock.toml", pylock(scene, [wheel]) + local);
  const { exitCode, report, stderr } = await gate(scene);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(
    report.artifacts.map(({ unseen }) => unseen?.length ?? 0),
    [2, 0],
  );
});

test("a file that its index lists no more is undecided; --download goes for the bytes", async () => {
  await using scene = await sceneWith();
  scene.write("pylock.toml", pylock(scene, [wheel, makeWheel({ version: "2.0" })]));
  const { exitCode, report } = await gate(scene);
  assert.equal(exitCode, 3);
  assert.match(report.artifacts[1]?.findings[0]?.message ?? "", /does not list it any more/);

  scene.write("pylock.toml", pylock(scene, [wheel]));
  const { requests, artifact } = await gate(scene, "--download");
  assert.ok(requests.includes(`GET /files/${wheel.filename}`));
  assert.equal(artifact?.unseen, undefined);
  assert.ok(artifact?.evidence.some(({ kind }) => kind === "record"));
});

test("install never takes a digest for the bytes", async () => {
  const altered = makeWheel({ altered: { "example/__init__.py": "other = True\n" } });
  await using scene = await setScene();
  scene.index.add(altered);
  scene.write("pylock.toml", pylock(scene, [altered]));
  assert.equal((await gate(scene)).exitCode, 0);
  const { exitCode, stdout } = await scene.tspip("install", "--lock", "pylock.toml", "--target", "packages");
  assert.equal(exitCode, 1);
  assert.match(stdout, /error\[record-mismatch\]/);
});
