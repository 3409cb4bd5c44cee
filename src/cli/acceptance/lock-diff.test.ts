import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { provenanceBy, type Scene, setScene } from "../../testing/command-scene.ts";
import { answer, faultAt } from "../../testing/index-faults.ts";
import { type MadeWheel, makeWheel } from "../../testing/make-wheel.ts";
import type { Report, ReportedChange } from "../report/report.ts";

/** `tspip verify --diff OLD NEW`, as a pull request runs it. */

interface Locked {
  readonly wheel: MadeWheel;
  /** The repository that signs; nobody when left out. */
  readonly by?: string;
  /** Another digest than the wheel's. */
  readonly sha256?: string;
}

const [one, two] = [makeWheel({ name: "app-lib" }), makeWheel({ name: "app-lib", version: "2.0" })];

/** Offers the wheels and writes a uv.lock of them. */
function writeLock(scene: Scene, name: string, locked: readonly Locked[]): void {
  const packages = locked.map(({ wheel: { filename, sha256 }, sha256: pinned = sha256 }) => {
    const [project = "", version = ""] = filename.split("-");
    return `[[package]]
name = "${project.replace("_", "-")}"
version = "${version}"
source = { registry = "${scene.index.url}" }
wheels = [{ url = "${scene.index.origin}/files/${filename}", hash = "sha256:${pinned}" }]
`;
  });
  const edges = locked.map(({ wheel }) => `{ name = "${wheel.filename.split("-")[0]?.replace("_", "-")}" }`);
  const own = `[[package]]\nname = "zz-own"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [${edges.join(", ")}]\n`;
  scene.write(name, `version = 1\n${packages.join("")}${own}`);
  for (const { wheel, by } of locked)
    scene.index.add({ ...wheel, provenance: by === undefined ? null : provenanceBy(by, wheel) });
}

async function diff(before: readonly Locked[], after: readonly Locked[], policy?: string) {
  await using scene = await setScene();
  writeLock(scene, "old.lock", before);
  writeLock(scene, "new.lock", after);
  const policies = policy === undefined ? [] : ["--policy", scene.write("policy.toml", policy)];
  const argv = ["--diff", "old.lock", "new.lock", "--format", "json=r.json", "--format", "html=r.html", ...policies];
  const { exitCode, stdout, stderr } = await scene.tspip("verify", ...argv, "--format", "github");
  assert.notEqual(stdout, "", stderr);
  const report: Report = JSON.parse(scene.read("r.json"));
  const ids = report.artifacts.flatMap(({ findings }) => findings.map(({ id, severity }) => `${severity} ${id}`));
  return { exitCode, stdout, report, changes: report.changes ?? [], ids, html: scene.read("r.html") };
}

const lib = (signers: ReportedChange["signers"], was: string[], is: string[]): ReportedChange => ({
  name: "app-lib",
  change: "changed",
  before: { versions: ["1.0"], signers: was },
  after: { versions: ["2.0"], signers: is },
  ...(signers && { signers }),
});
const [alice, mallory] = ["GitHub acme/alice release.yml", "GitHub evil/mallory release.yml"];

test("a new version by the same signer passes, and the change is told", async () => {
  const { exitCode, changes, stdout, html, report } = await diff(
    [{ wheel: one, by: "acme/alice" }],
    [{ wheel: two, by: "acme/alice" }],
  );
  assert.equal(exitCode, 0);
  assert.deepEqual(changes, [lib("same", [alice], [alice])]);
  assert.match(stdout, /^~ app-lib 1\.0 → 2\.0 · signed by GitHub acme\/alice release\.yml as before$/m);
  assert.match(html, /What changed since the other lock file/);
  const schema = JSON.parse(readFileSync(new URL("../../../docs/report.schema.json", import.meta.url), "utf8"));
  const validate = new Ajv2020().compile(schema);
  assert.ok(validate(report), JSON.stringify(validate.errors));
});

test("a lost signer and a changed one are refused at the line of the new lock", async () => {
  const lost = await diff([{ wheel: one, by: "acme/alice" }], [{ wheel: two }]);
  assert.equal(lost.exitCode, 1);
  assert.deepEqual(lost.changes, [lib("lost", [alice], [])]);
  assert.match(lost.stdout, /^::error file=new\.lock,line=2,title=The new release has lost its signer/m);
  const moved = await diff([{ wheel: one, by: "acme/alice" }], [{ wheel: two, by: "evil/mallory" }]);
  assert.deepEqual([moved.exitCode, moved.ids], [1, ["error signer-changed"]]);
  assert.deepEqual(moved.changes, [lib("changed", [alice], [mallory])]);
});

test("a signer that a rule of the policy names may be another one than before: a note", async () => {
  const policy = `version = 1
[signers.new]
kind = "github"
repository = "evil/mallory"
workflow = "release.yml"
[[rule]]
match = { name = "app-lib" }
attestation = "require"
publish = { signer = "new" }
`;
  const { exitCode, ids } = await diff(
    [{ wheel: one, by: "acme/alice" }],
    [{ wheel: two, by: "evil/mallory" }],
    policy,
  );
  assert.deepEqual([exitCode, ids], [0, ["note signer-changed"]]);
});

test("signers are compared where the policy has no use for attestations, too", async () => {
  const { exitCode, ids } = await diff(
    [{ wheel: one, by: "acme/alice" }],
    [{ wheel: two }],
    'version = 1\n[default]\nattestation = "ignore"\n',
  );
  assert.deepEqual([exitCode, ids], [1, ["error signer-lost"]]);
});

test("an attestation that does not verify is no signer of the new release", async () => {
  await using scene = await setScene();
  writeLock(scene, "old.lock", [{ wheel: one, by: "acme/alice" }]);
  writeLock(scene, "new.lock", [{ wheel: two, by: "acme/alice" }]);
  scene.index.add({ ...two, provenance: provenanceBy("acme/alice", one) });
  scene.write("lax.toml", 'version = 1\n[default]\nattestation = "ignore"\n');
  const { exitCode, stdout } = await scene.tspip("verify", "--diff", "old.lock", "new.lock", "--policy", "lax.toml");
  assert.equal(exitCode, 1);
  assert.match(stdout, /error\[signer-lost\]/);
});

test("a file that keeps its name and gets another digest is refused", async () => {
  const { exitCode, changes, ids } = await diff(
    [{ wheel: one, by: "acme/alice", sha256: "0".repeat(64) }],
    [{ wheel: one, by: "acme/alice" }],
  );
  assert.equal(exitCode, 1);
  assert.deepEqual(changes[0]?.changed_digests, [one.filename]);
  assert.deepEqual(ids, ["error locked-digest-changed"]);
});

test("a replaced digest is refused for other environments as well", async () => {
  await using scene = await setScene();
  const lock = (digest: string) => `version = 1
[[package]]
name = "app"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "app-lib", marker = "sys_platform == 'none'" }]
[[package]]
name = "app-lib"
version = "1.0"
source = { registry = "${scene.index.url}" }
wheels = [{ url = "${scene.index.origin}/files/${one.filename}", hash = "sha256:${digest}" }]
`;
  scene.write("old.lock", lock(one.sha256));
  scene.write("new.lock", lock("0".repeat(64)));
  const { exitCode, stdout } = await scene.tspip("verify", "--diff", "old.lock", "new.lock");
  assert.equal(exitCode, 1);
  assert.match(stdout, /error\[locked-digest-changed\].*app_lib-1\.0-py3-none-any\.whl/);
});

test("where the old signer or the new one cannot be had, the question stays open", async () => {
  for (const hidden of [one, two]) {
    await using scene = await setScene();
    writeLock(scene, "old.lock", [{ wheel: one, by: "acme/alice" }]);
    writeLock(scene, "new.lock", [{ wheel: two, by: "acme/alice" }]);
    scene.index.fault = faultAt(`/integrity/${hidden.filename}`, answer(500));
    scene.write("lax.toml", 'version = 1\n[default]\nattestation = "ignore"\n');
    const { exitCode, stdout } = await scene.tspip("verify", "--diff", "old.lock", "new.lock", "--policy", "lax.toml");
    assert.equal(exitCode, 3);
    assert.ok(stdout.includes(`error[evidence-unavailable] who signed "${hidden.filename}" could not be had`), stdout);
  }
});

/** Who signed the old release is not to be had any more; `identities` is what the old lock says of it. */
async function diffUnknown(hide: (scene: Scene) => void, by: string | undefined, policy: string, identities = "") {
  await using scene = await setScene();
  writeLock(scene, "new.lock", [{ wheel: two, ...(by !== undefined && { by }) }]);
  const old = `lock-version = "1.0"
created-by = "test"
[[packages]]
name = "app-lib"
version = "1.0"
index = "${scene.index.url}"
wheels = [{ url = "${scene.index.origin}/files/${one.filename}", hashes = { sha256 = "${one.sha256}" } }]
${identities}`;
  scene.write("pylock.toml", old);
  hide(scene);
  scene.write("policy.toml", policy);
  const argv = ["--diff", "pylock.toml", "new.lock", "--policy", "policy.toml"];
  const { exitCode, stdout } = await scene.tspip("verify", ...argv);
  return { exitCode, stdout };
}

const lax = 'version = 1\n[default]\nattestation = "ignore"\n';
const byAlice =
  '[[packages.attestation-identities]]\nkind = "GitHub"\nrepository = "acme/alice"\nworkflow = "release.yml"\n';
const unlisted = () => {};
const invalid = ({ index }: Scene) => index.add({ ...one, provenance: provenanceBy("acme/alice", two) });

for (const [why, hide, words] of [
  ["is not listed any more", unlisted, /who signed "app_lib-1\.0-py3-none-any\.whl" is not known: .*does not list it/],
  ["has an attestation that does not verify", invalid, /is not known: its attestation does not verify/],
] as const) {
  test(`an old release that ${why} leaves open whether its signer was lost`, async () => {
    for (const by of [undefined, "acme/alice"]) {
      const { exitCode, stdout } = await diffUnknown(hide, by, lax);
      assert.equal(exitCode, 3);
      assert.match(stdout, words);
    }
  });

  test(`an old release that ${why}: what the old lock says of its signers is asked`, async () => {
    const lost = await diffUnknown(hide, undefined, lax, byAlice);
    assert.equal(lost.exitCode, 1);
    assert.match(lost.stdout, /error\[signer-lost\] "app-lib" 1\.0 is signed by GitHub acme\/alice, release\.yml/);
    assert.equal((await diffUnknown(hide, "acme/alice", lax, byAlice)).exitCode, 0);
    assert.equal((await diffUnknown(hide, "evil/mallory", lax, byAlice)).exitCode, 3);
  });

  test(`an old release that ${why}: a rule that names the new signer answers the question`, async () => {
    const named = `version = 1
[signers.alice]
kind = "github"
repository = "acme/alice"
workflow = "release.yml"
[default]
attestation = "ignore"
[[rule]]
match = { name = "app-lib" }
attestation = "if-present"
publish = { signer = "alice" }
`;
    assert.equal((await diffUnknown(hide, "acme/alice", named)).exitCode, 0);
    assert.equal((await diffUnknown(hide, undefined, named)).exitCode, 3);
  });
}

test("an old release that the policy denies by now is asked for its signer all the same", async () => {
  const denied = `${lax}[floor]\ndeny = [{ name = "app-lib", version = "==1.0" }]\n`;
  const { exitCode, changes } = await diff(
    [{ wheel: one, by: "acme/alice" }],
    [{ wheel: two, by: "acme/alice" }],
    denied,
  );
  assert.equal(exitCode, 0);
  assert.deepEqual(changes, [lib("same", [alice], [alice])]);
});

test("added, newly signed and removed projects; equal locks", async () => {
  const other = makeWheel({ name: "other" });
  const { exitCode, changes } = await diff([{ wheel: one }, { wheel: other }], [{ wheel: two, by: "acme/alice" }]);
  assert.equal(exitCode, 0);
  assert.deepEqual(
    changes.map(({ name, change, signers }) => [name, change, signers]),
    [
      ["app-lib", "changed", "new"],
      ["other", "removed", undefined],
    ],
  );
  const same = await diff([{ wheel: one }], [{ wheel: one }]);
  assert.match(same.stdout, /Nothing changed between the lock files/);
  const [added] = (await diff([], [{ wheel: one }])).changes;
  assert.deepEqual([added?.change, added?.after], ["added", { versions: ["1.0"], signers: [] }]);
});

test("--diff wants two lock files", async () => {
  await using scene = await setScene();
  for (const argv of [["old.lock"], ["old.lock", "a", "b"], ["old.lock", "new.lock", "-r", "r.txt"]]) {
    const { exitCode, stderr } = await scene.tspip("verify", "--diff", ...argv);
    assert.equal(exitCode, 2);
    assert.match(stderr, /--diff compares two lock files/);
  }
});
