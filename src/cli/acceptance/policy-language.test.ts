import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../../distribution/digest.ts";
import { type FakeIndex, startFakeIndex } from "../../testing/fake-index.ts";
import { pylockOf } from "../../testing/lock-texts.ts";
import { type MadeWheel, makeWheel } from "../../testing/make-wheel.ts";
import { authority, provenanceOf as provenanceBy } from "../../testing/scene.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";
import { createTufRepository } from "../../testing/tuf-repository.ts";
import { type Answer, typeCommand } from "../../testing/type-command.ts";
import type { Report, ReportedArtifact } from "../report/report.ts";

/** What a policy says, from the words that a user types to the exit code, against an index on loopback. */

const now = new Date();
const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" };
const mallory: TestPublisher = { ...alice, repository: "mallory/alpha" };
const needsPython = spawnSync("python3", ["--version"]).status === 0 ? {} : { skip: "there is no python3 on PATH" };

interface Scene extends AsyncDisposable {
  readonly folder: string;
  readonly index: FakeIndex;
  write(name: string, content: string): void;
  tspip(...argv: string[]): Promise<Answer>;
  /** What the commands find set, besides PATH. */
  env: Readonly<Record<string, string>>;
  /** `verify REQUIREMENTS…` under `policy.toml`: the exit code, and what the report says of the first artifact. */
  verify(...argv: string[]): Promise<{ exitCode: number; artifact: ReportedArtifact; report: Report }>;
}

async function setScene(): Promise<Scene> {
  const folder = temporaryFolder();
  const index = await startFakeIndex();
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), content);
  };
  const tspip = (...argv: string[]) => typeCommand(folder.path, argv, { env: scene.env, now: () => now });
  write("root.json", authority.trustedRootJson);
  const scene: Scene = {
    env: {},
    folder: folder.path,
    index,
    write,
    tspip,
    async verify(...argv) {
      const place = ["-i", index.url, "--trusted-root", "root.json", "--retries", "0"];
      const answer = await tspip("verify", ...place, "--policy", "policy.toml", "--format", "json", ...argv);
      assert.notEqual(answer.stdout, "", answer.stderr);
      const report = JSON.parse(answer.stdout) as Report;
      const [artifact] = report.artifacts;
      assert.ok(artifact);
      return { exitCode: answer.exitCode, artifact, report };
    },
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
  return scene;
}

function provenanceOf(wheel: MadeWheel, publisher = alice): string {
  return provenanceBy(wheel, publisher);
}

function ids({ findings }: ReportedArtifact): string[] {
  return findings.map(({ id }) => id);
}

function daysAgo(days: number): string {
  return new Date(now.getTime() - days * 86_400_000).toISOString();
}

test("min-age: what the index took lately waits, and an index that says no time is no way around it", async () => {
  await using scene = await setScene();
  scene.write("policy.toml", 'version = 1\n[default]\nmin-age = "P3D"\n');
  const wheel = makeWheel({ name: "alpha" });

  scene.index.add({ ...wheel, uploadTime: daysAgo(2.9) });
  const early = await scene.verify("alpha==1.0");
  assert.equal(early.exitCode, 1);
  assert.deepEqual(ids(early.artifact), ["too-new"]);
  assert.ok(!scene.index.requests.some((request) => request.startsWith("GET /files/")), "it is not even downloaded");

  scene.index.add({ ...wheel, uploadTime: daysAgo(3.1) });
  assert.equal((await scene.verify("alpha==1.0")).exitCode, 0);

  scene.index.format = "html";
  assert.deepEqual(ids((await scene.verify("alpha==1.0")).artifact), ["upload-time-absent"]);
});

test("a URL with {sha256}: a server that keeps attestations by digest is asked, and what it lacks is not known", async () => {
  await using scene = await setScene();
  const place = `${scene.index.origin}/attestations/{sha256}`;
  scene.write(
    "policy.toml",
    `version = 1\n[trust]\nattestations = ["index", "${place}"]\n[default]\nattestation = "require"\n`,
  );
  const wheel = makeWheel({ name: "alpha" });
  scene.index.add({ ...wheel, attestations: provenanceOf(wheel) });

  const kept = await scene.verify("alpha==1.0");
  assert.equal(kept.exitCode, 0);
  assert.deepEqual(
    kept.artifact.evidence
      .filter(({ outcome }) => outcome === "verified")
      .map(({ kind }) => kind)
      .includes("attestation"),
    true,
  );
  assert.ok(scene.index.requests.includes(`GET /attestations/${wheel.sha256}`));

  scene.index.add(wheel);
  assert.deepEqual(ids((await scene.verify("alpha==1.0")).artifact), ["attestation-absent"]);

  const answering =
    (status: number): typeof scene.index.fault =>
    ({ url = "" }, response) => {
      if (!url.startsWith("/attestations/")) return false;
      response.writeHead(status).end();
      return true;
    };
  scene.index.fault = answering(403);
  const refused = await scene.verify("alpha==1.0");
  assert.deepEqual(ids(refused.artifact), ["attestation-absent"]);
  assert.match(refused.artifact.findings[0]?.message ?? "", new RegExp(`/attestations/${wheel.sha256} refused to say`));

  scene.index.fault = answering(500);
  const unknown = await scene.verify("alpha==1.0");
  assert.equal(unknown.exitCode, 3, "what could not be looked at is open");
  assert.equal(unknown.artifact.decision, "undecided");
});

test("verify -v says in PyPI's words how the release is attested, also beside the one before it", async () => {
  await using scene = await setScene();
  scene.write("policy.toml", "version = 1\n");
  const offer = (version: string, days: number, ...publishers: (TestPublisher | undefined)[]) =>
    publishers.forEach((publisher, at) => {
      const wheel = makeWheel({
        name: "alpha",
        version,
        tag: ["py3-none-any", "py2-none-any"][at] ?? "",
      });
      const provenance = publisher === undefined ? null : provenanceOf(wheel, publisher);
      scene.index.add({ ...wheel, provenance, uploadTime: daysAgo(days) });
    });
  offer("1.0", 40, alice, alice);
  offer("1.1", 30, alice, undefined);
  offer("1.2", 20, undefined);
  offer("1.3", 10, undefined);
  offer("1.4", 5, alice, mallory);
  offer("1.5", 4, mallory, mallory);

  const releases: Record<string, unknown> = {};
  for (const version of ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5"]) {
    const { artifact } = await scene.verify("-v", `alpha==${version}`);
    assert.ok(artifact.release, version);
    const { states, files, files_with_provenance: attested, compared_with: before } = artifact.release;
    releases[version] = [...states, `${attested}/${files}`, before];
  }
  assert.deepEqual(releases, {
    "1.0": ["full-provenance", "2/2", undefined],
    "1.1": ["partial-provenance", "1/2", "1.0"],
    "1.2": ["no-provenance", "lost-provenance", "0/1", "1.1"],
    "1.3": ["no-provenance", "0/1", "1.2"],
    "1.4": ["full-provenance", "inconsistent-provenance", "2/2", "1.3"],
    "1.5": ["full-provenance", "changed-provenance", "2/2", "1.4"],
  });
  const text = await scene.tspip("verify", "-v", "-i", scene.index.url, "--trusted-root", "root.json", "alpha==1.2");
  assert.match(text.stdout, /release: no-provenance \(0 of 1 file\), lost-provenance since 1\.1/);
  assert.equal((await scene.verify("alpha==1.5")).artifact.release, undefined);
});

test("verify -v says nothing of how a release is attested where the index does not know that", async () => {
  await using scene = await setScene();
  scene.write("policy.toml", "version = 1\n");
  scene.index.add({ ...makeWheel({ name: "alpha" }), uploadTime: daysAgo(3) });
  for (const format of ["json", "html"] as const) {
    scene.index.format = format;
    const { artifact } = await scene.verify("-v", "alpha==1.0");
    assert.equal(artifact.release, undefined, format);
  }
});

test('missing-time = "log": the transparency log says how old a file is at least', async () => {
  await using scene = await setScene();
  scene.index.format = "html";
  const policy = (minAge: string) =>
    `version = 1\n[default]\nattestation = "ignore"\nmin-age = "${minAge}"\nmissing-time = "log"\n`;
  const wheel = makeWheel({ name: "alpha" });
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel) });

  scene.write("policy.toml", policy("PT0S"));
  assert.equal((await scene.verify("alpha==1.0")).exitCode, 0);
  scene.write("policy.toml", policy("P9999W"));
  assert.deepEqual(ids((await scene.verify("alpha==1.0")).artifact), ["too-new"]);
});

test('attestation = "no-downgrade": a release without attestation after one with it is refused', async () => {
  await using scene = await setScene();
  scene.write("policy.toml", 'version = 1\n[default]\nattestation = "no-downgrade"\n');
  const [first, second] = ["1.0", "1.1"].map((version) => makeWheel({ name: "alpha", version }));
  assert.ok(first && second);
  scene.index.add({ ...first, provenance: null });
  scene.index.add({ ...second, provenance: null });
  assert.equal((await scene.verify("alpha==1.1")).exitCode, 0);

  scene.index.add({ ...first, provenance: provenanceOf(first) });
  const lost = await scene.verify("alpha==1.1");
  assert.equal(lost.exitCode, 1);
  assert.deepEqual(ids(lost.artifact), ["attestation-lost"]);

  scene.index.add({ ...second, provenance: provenanceOf(second) });
  assert.equal((await scene.verify("alpha==1.1")).exitCode, 0);
});

test("deny lists: what a signer signed in a window is refused under every mode", async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "alpha" });
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel) });
  const policy = (until: string) =>
    `version = 1\n[signers.alice]\nkind = "github"\nrepository = "acme/alice"\n[floor]\ndeny = [{ signer = "alice", until = ${until} }]\n[default]\nmode = "off"\n`;
  scene.write("policy.toml", policy("2100-01-01T00:00:00Z"));
  assert.deepEqual(ids((await scene.verify("alpha==1.0")).artifact), ["denied-by-policy"]);
  scene.write("policy.toml", policy("2000-01-01T00:00:00Z"));
  assert.equal((await scene.verify("alpha==1.0")).exitCode, 0);
});

test("exceptions: what is waived is in the report by its id, and an expired exception is named", async () => {
  await using scene = await setScene();
  scene.index.add({ ...makeWheel({ name: "alpha" }), provenance: null });
  const policy = (expires: string) =>
    `version = 1\n[default]\nattestation = "require"\n[[exception]]\nid = "EX-12"\nmatch = { name = "alpha" }\nwaive = ["attestation"]\nreason = "none yet"\nowner = "security@example.org"\nexpires = ${expires}\n`;
  scene.write("policy.toml", policy("2100-01-01"));
  const waived = await scene.verify("alpha==1.0");
  assert.equal(waived.exitCode, 0);
  assert.equal(waived.artifact.decision, "warn");
  assert.deepEqual(waived.artifact.findings[0]?.exception, "EX-12");

  scene.write("policy.toml", policy("2020-01-01"));
  const expired = await scene.verify("alpha==1.0");
  assert.equal(expired.exitCode, 1);
  assert.deepEqual(ids(expired.artifact), ["attestation-absent", "exception-expired"]);
  const checked = await scene.tspip("policy", "check", "policy.toml");
  assert.equal(checked.exitCode, 0);
  assert.match(checked.stderr, /^warning: policy\.toml: exception "EX-12" has expired \(security@example\.org\)$/m);
});

test("include: what a pinned file adds holds, and a changed file is an error before anything is asked", async () => {
  await using scene = await setScene();
  scene.index.add({ ...makeWheel({ name: "alpha" }) });
  const base = 'version = 1\n[floor]\ndeny = [{ name = "alpha" }]\n';
  scene.write("org/base.toml", base);
  scene.write(
    "org/team/policy.toml",
    `version = 1\ninclude = [{ file = "../base.toml", sha256 = "${digestOf(Buffer.from(base))}" }]\n`,
  );
  scene.write("tspip.toml", 'policy = "org/team/policy.toml"\n');
  const place = ["-i", scene.index.url, "--trusted-root", "root.json"];
  const refused = await scene.tspip("verify", ...place, "alpha==1.0");
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stdout, /denied-by-policy/);

  const before = scene.index.requests.length;
  scene.write("org/base.toml", "version = 1\n");
  const changed = await scene.tspip("verify", ...place, "alpha==1.0");
  assert.equal(changed.exitCode, 2);
  assert.match(changed.stderr, /org\/team\/policy\.toml:2:\d+: "\.\.\/base\.toml" has another sha256: [0-9a-f]{64}/);
  assert.equal(scene.index.requests.length, before);
});

test("include: its floor holds, its rules come after the including file's and before [default], its exceptions count", async () => {
  await using scene = await setScene();
  for (const name of ["alpha", "beta", "gamma", "delta"]) scene.index.add({ ...makeWheel({ name }) });
  const base = `version = 1
[floor]
deny = [{ name = "delta" }]
[[rule]]
match = { name = "*a" }
mode = "off"
[[exception]]
id = "EX-1"
match = { name = "gamma" }
waive = ["attestation"]
reason = "none yet"
owner = "security@example.org"
expires = ${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}
`;
  scene.write("base.toml", base);
  const rules = ["alpha", "gamma", "delta"].map((name) => `[[rule]]\nmatch = { name = "${name}" }\n`).join("");
  scene.write(
    "policy.toml",
    `version = 1\ninclude = [{ file = "base.toml", sha256 = "${digestOf(Buffer.from(base))}" }]\n[default]\nattestation = "require"\n${rules}`,
  );
  assert.deepEqual(ids((await scene.verify("alpha==1.0")).artifact), ["attestation-absent"]);
  assert.equal((await scene.verify("beta==1.0")).exitCode, 0);
  assert.equal((await scene.verify("gamma==1.0")).artifact.decision, "warn");
  assert.ok(ids((await scene.verify("delta==1.0")).artifact).includes("denied-by-policy"));
});

test("include: what is no regular file is not read", async () => {
  await using scene = await setScene();
  scene.write("folder/x", "");
  scene.write("policy.toml", `version = 1\ninclude = [{ file = "folder", sha256 = "${"0".repeat(64)}" }]\n`);
  const { exitCode, stderr } = await scene.tspip("policy", "check", "policy.toml");
  assert.equal(exitCode, 2);
  assert.match(stderr, /"folder" cannot be read: it is no regular file/);
});

test("--allow-expired-policy: an expired policy refuses everything, and with the option it warns", async () => {
  await using scene = await setScene();
  scene.index.add({ ...makeWheel({ name: "alpha" }) });
  scene.write("policy.toml", "version = 1\nexpires = 2020-01-01\n");
  const refused = await scene.verify("alpha==1.0");
  assert.equal(refused.exitCode, 1);
  assert.match(refused.artifact.findings[0]?.hint ?? "", /--allow-expired-policy/);
  const allowed = await scene.verify("--allow-expired-policy", "alpha==1.0");
  assert.equal(allowed.exitCode, 0);
  assert.deepEqual(ids(allowed.artifact), ["policy-expired"]);
});

test("trust.sigstore: a trusted root that is too old is not used, and one by TUF has to be fetched first", async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "alpha" });
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel) });
  const verify = (policy: string) => {
    scene.write("policy.toml", `version = 1\n[trust]\nsigstore = ${policy}\n`);
    return scene.tspip("verify", "-i", scene.index.url, "--policy", "policy.toml", "alpha==1.0");
  };
  assert.equal((await verify('{ file = "root.json", max-age = "P1D" }')).exitCode, 0);
  for (const days of [-2, 1]) {
    const written = new Date(now.getTime() + days * 86_400_000);
    utimesSync(join(scene.folder, "root.json"), written, written);
    const tooOld = await verify('{ file = "root.json", max-age = "P1D" }');
    assert.notEqual(tooOld.exitCode, 0);
    assert.match(tooOld.stdout + tooOld.stderr, /was written on .*, the policy asks for one of the last P1D/);
  }

  const repository = createTufRepository();
  const files = repository.publish({ version: 1, target: Buffer.from(authority.trustedRootJson) });
  scene.index.fault = ({ url = "" }, response) => {
    if (!url.startsWith("/tuf/")) return false;
    const body = files.get(url.slice("/tuf/".length));
    response.writeHead(body === undefined ? 404 : 200).end(body);
    return true;
  };
  scene.write("tuf-root.json", repository.root.toString());
  const byTuf = `{ tuf = "${scene.index.origin}/tuf", root = "tuf-root.json", max-age = "P1D" }`;
  const absent = await verify(byTuf);
  assert.notEqual(absent.exitCode, 0);
  assert.match(absent.stdout + absent.stderr, /No trusted root of .* is stored/);
  const updated = await scene.tspip("trust", "update", "--policy", "policy.toml");
  assert.equal(updated.exitCode, 0, updated.stderr);
  assert.equal((await verify(byTuf)).exitCode, 0);
});

test("continuity: who signed is pinned, compared, and pinned anew by a person", needsPython, async () => {
  await using scene = await setScene();
  scene.write("policy.toml", 'version = 1\n[default]\ncontinuity = { pins = "tspip.pins.json" }\n');
  const [first, second, third] = ["1.0", "1.1", "1.2"].map((version) => makeWheel({ name: "alpha", version }));
  assert.ok(first && second && third);
  scene.index.add({ ...first, provenance: provenanceOf(first) });
  scene.index.add({ ...second, provenance: provenanceOf(second, mallory) });
  scene.index.add({ ...third, provenance: null });
  const place = ["-i", scene.index.url, "--trusted-root", "root.json", "--policy", "policy.toml"];
  const pins = () => readFileSync(join(scene.folder, "tspip.pins.json"), "utf8");

  // Judging alone records nothing.
  assert.equal((await scene.verify("alpha==1.0")).exitCode, 0);
  assert.throws(pins, { code: "ENOENT" });
  const installed = await scene.tspip("install", ...place, "--target", "site", "alpha==1.0");
  assert.equal(installed.exitCode, 0, installed.stdout + installed.stderr);
  assert.match(installed.stderr, /Pinned who signed: tspip\.pins\.json/);
  assert.deepEqual(JSON.parse(pins()).projects, {
    alpha: { "1.0": { [first.filename]: ["github acme/alice release.yml"] } },
  });

  assert.deepEqual(ids((await scene.verify("alpha==1.1")).artifact), ["provenance-changed"]);
  assert.deepEqual(ids((await scene.verify("alpha==1.2")).artifact), ["provenance-lost"]);
  const refused = await scene.tspip("install", ...place, "--target", "other", "alpha==1.1");
  assert.equal(refused.exitCode, 1);
  assert.doesNotMatch(pins(), /1\.1/);

  scene.write("old.json", pins());
  const pinned = await scene.tspip("policy", "pin", ...place, "alpha==1.1");
  assert.equal(pinned.exitCode, 0, pinned.stderr);
  assert.match(pinned.stdout, /provenance-changed/);
  assert.match(pins(), /github mallory\/alpha release\.yml/);
  assert.equal((await scene.verify("alpha==1.1")).exitCode, 0);
  assert.match((await scene.tspip("policy", "pin", ...place, "alpha==1.1")).stderr, /Nothing to pin/);

  const difference = await scene.tspip("policy", "diff", "old.json", "tspip.pins.json");
  assert.equal(difference.exitCode, 1);
  assert.equal(difference.stdout, "weaker    alpha: + github mallory/alpha release.yml\n");

  scene.write("tspip.pins.json", "{}");
  const broken = await scene.tspip("verify", ...place, "alpha==1.0");
  assert.equal(broken.exitCode, 2);
  assert.match(broken.stderr, /Cannot use pins "tspip\.pins\.json"/);
});

test("policy diff: what a change means, and exit code 1 where something is weaker", async () => {
  await using scene = await setScene();
  scene.write("old.toml", 'version = 1\n[default]\nattestation = "require"\n');
  scene.write("new.toml", 'version = 1\n[default]\nattestation = "if-present"\nmin-age = "P3D"\n');
  const weaker = await scene.tspip("policy", "diff", "old.toml", "new.toml");
  assert.equal(weaker.exitCode, 1);
  assert.equal(
    weaker.stdout,
    'weaker    [default] attestation: "require" → "if-present"\nstricter  [default] min-age: none → P3D\n',
  );
  const same = await scene.tspip("policy", "diff", "old.toml", "old.toml");
  assert.deepEqual([same.exitCode, same.stdout], [0, "No difference in meaning\n"]);
  scene.write("pins.json", '{"schema": "tspip-pins/1", "projects": {}}');
  assert.equal((await scene.tspip("policy", "diff", "old.toml", "pins.json")).exitCode, 2);
  assert.equal((await scene.tspip("policy", "diff", "old.toml", "none.toml")).exitCode, 2);
});

test("the policy in force: --policy, else tspip.toml, else [tool.tspip], else the built-in default", async () => {
  await using scene = await setScene();
  const inForce = async (...argv: string[]) => (await scene.tspip("policy", "show", ...argv)).stdout;
  assert.match(await inForce(), /^# The policy that tspip uses when no other is named/);
  for (const name of ["project", "own", "given"]) scene.write(`${name}.toml`, `version = 1\n# ${name}\n`);
  scene.write("pyproject.toml", '[project]\nname = "x"\n[tool.tspip]\npolicy = "project.toml"\n');
  assert.match(await inForce(), /# project/);
  scene.write("tspip.toml", 'policy = "own.toml"\n');
  assert.match(await inForce(), /# own/);
  assert.match(await inForce("--policy", "given.toml"), /# given/);
});

test("a project's files name a policy and say nothing of what is allowed", async () => {
  await using scene = await setScene();
  for (const [file, prefix] of [
    ["tspip.toml", ""],
    ["pyproject.toml", "[tool.tspip]\n"],
  ] as const) {
    for (const said of [
      'mode = "off"',
      "floor = {}",
      "default = {}",
      'attestation = "ignore"',
      "signers = {}",
      "rule = []",
    ]) {
      scene.write(file, `${prefix}${said}\n`);
      const { exitCode, stderr } = await scene.tspip("verify", "-i", scene.index.url, "alpha==1.0");
      assert.equal(exitCode, 2, said);
      assert.match(stderr, /unknown key/);
    }
    scene.write(file, `${prefix}policy = "absent.toml"\n`);
    assert.equal((await scene.tspip("verify", "-i", scene.index.url, "alpha==1.0")).exitCode, 2);
    rmSync(join(scene.folder, file));
  }
  assert.deepEqual(scene.index.requests, []);
});

test("pip's settings change where files are looked for, and never what is allowed", async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "alpha" });
  scene.index.add({ ...wheel, provenance: null, yanked: "broken", uploadTime: daysAgo(1) });
  const refused = async () => {
    const found = [];
    // What is known before the download refuses without one, so that the rest is asked for on its own.
    for (const rule of [
      'min-age = "P3D"\nstatus = { yanked = "deny" }',
      'attestation = "require"\nhashes = "require"',
    ]) {
      scene.write("policy.toml", `version = 1\n[default]\n${rule}\n`);
      const { exitCode, artifact } = await scene.verify("alpha==1.0");
      assert.equal(exitCode, 1);
      found.push(...artifact.findings.flatMap(({ id, severity }) => (severity === "error" ? [id] : [])));
    }
    return found.sort();
  };
  const before = await refused();
  assert.deepEqual(before, ["attestation-absent", "hash-required", "too-new", "yanked"]);

  scene.write(
    "pip.conf",
    "[global]\nno-require-hashes = true\ntrusted-host = 127.0.0.1\npolicy = off\nuploaded-prior-to = 2099-01-01\nno-deps = true\n[install]\nignore-installed = true\n",
  );
  scene.env = {
    PIP_CONFIG_FILE: join(scene.folder, "pip.conf"),
    PIP_REQUIRE_HASHES: "0",
    PIP_POLICY: "off.toml",
    TSPIP_POLICY: "off.toml",
    TSPIP_ALLOW_EXPIRED_POLICY: "1",
    PIP_TRUSTED_HOST: "127.0.0.1",
    PIP_NO_BINARY: ":all:",
  };
  assert.deepEqual(await refused(), before);
});

test("a page of links that pip's settings add is asked for hashes and upload times too", async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "alpha" });
  scene.index.fault = ({ url = "" }, response) => {
    if (url === "/links/")
      response.setHeader("content-type", "text/html").end(`<a href="/files/${wheel.filename}">x</a>`);
    else if (url.startsWith("/files/")) response.end(wheel.bytes);
    else return false;
    return true;
  };
  scene.env = { PIP_FIND_LINKS: `${scene.index.origin}/links/`, PIP_NO_INDEX: "1" };
  const verify = async (policy: string) => {
    scene.write("policy.toml", `version = 1\n${policy}\n`);
    const { stdout } = await scene.tspip("verify", "--policy", "policy.toml", "--format", "json", "alpha==1.0");
    return ((JSON.parse(stdout) as Report).artifacts[0]?.findings ?? []).map(({ id }) => id);
  };
  assert.deepEqual(await verify(""), ["index-hash-absent"]);
  assert.deepEqual(await verify('[default]\nhashes = "any"'), []);
  assert.deepEqual(await verify('[default]\nhashes = "any"\nmin-age = "P1D"'), ["upload-time-absent"]);
});

test("status: what the index marks as archived is warned about or refused; what it has quarantined is refused", async () => {
  await using scene = await setScene();
  scene.index.add({ ...makeWheel({ name: "alpha" }), provenance: null });
  for (const format of ["json", "html"] as const) {
    scene.index.format = format;
    scene.index.mark("alpha", "archived", "use beta");
    scene.write("policy.toml", "version = 1\n");
    const warned = await scene.verify("alpha==1.0");
    assert.equal(warned.exitCode, 0);
    assert.deepEqual(ids(warned.artifact), ["project-archived"]);
    assert.equal(warned.artifact.findings[0]?.message, 'The index marks "alpha" as archived: use beta');
    scene.write("policy.toml", 'version = 1\n[floor]\nstatus = { archived = "deny" }\n');
    assert.equal((await scene.verify("alpha==1.0")).exitCode, 1);

    scene.index.mark("alpha", "quarantined", "malware");
    scene.write("policy.toml", 'version = 1\n[default]\nmode = "off"\n');
    const refused = await scene.verify("alpha==1.0");
    assert.equal(refused.exitCode, 1);
    assert.deepEqual(ids(refused.artifact), ["project-quarantined"]);
  }
});

test("status: of a project that its index has quarantined and lists no more, the reason is told", async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "alpha" });
  const page = { meta: {}, files: [], "project-status": { status: "quarantined", reason: "malware" } };
  scene.index.fault = (_, response) => {
    response.setHeader("content-type", "application/vnd.pypi.simple.v1+json").end(JSON.stringify(page));
    return true;
  };
  const place = ["-i", scene.index.url, "--trusted-root", "root.json"];
  const pinned = await scene.tspip("verify", ...place, "alpha==1.0");
  assert.equal(pinned.exitCode, 2);
  assert.match(pinned.stderr, /the index has quarantined "alpha": malware/);

  scene.write("pylock.toml", pylockOf(scene.index, wheel));
  scene.write("policy.toml", "version = 1\n");
  const locked = await scene.verify("--lock", "pylock.toml");
  assert.equal(locked.exitCode, 1);
  assert.deepEqual(ids(locked.artifact), ["project-quarantined"]);
});

test("sources: a name of one's own on another index is refused before it is downloaded", async () => {
  await using scene = await setScene();
  await using world = await startFakeIndex();
  const wheel = makeWheel({ name: "acme-tool" });
  world.add({ ...wheel, provenance: null });
  const policy = `version = 1\n[[rule]]\nmatch = { name = "acme-*" }\nsources = ["${scene.index.url}"]\n`;
  scene.write("policy.toml", policy);
  const confused = await scene.verify("--extra-index-url", world.url, "acme-tool==1.0");
  assert.equal(confused.exitCode, 1);
  assert.deepEqual(ids(confused.artifact), ["source-refused"]);
  assert.ok(!world.requests.some((request) => request.startsWith("GET /files/")));

  scene.index.add({ ...wheel, provenance: null });
  assert.equal((await scene.verify("acme-tool==1.0")).exitCode, 0);
});

test("slsa: the builder, the build type and the external parameters are those of the rule, or it is refused", async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "alpha" });
  const predicate = {
    buildDefinition: {
      buildType: "https://actions.github.io/buildtypes/workflow/v1",
      externalParameters: { workflow: { ref: "refs/tags/v1", repository: "https://github.com/acme/alice" } },
    },
    runDetails: { builder: { id: "https://github.com/acme/alice/.github/workflows/release.yml@refs/tags/v1" } },
  };
  const { filename, sha256 } = wheel;
  const predicateType = "https://slsa.dev/provenance/v1";
  const attestation = authority.attest({ filename, sha256, publisher: alice, predicateType, predicate });
  const provenance = JSON.stringify(authority.provenance([{ publisher: alice, attestations: [attestation] }]));
  scene.index.add({ ...wheel, provenance });
  const policy = (ref: string) => `version = 1
[signers.alice]
kind = "github"
repository = "acme/alice"
[default]
attestation = "require"
[default.slsa]
signer = "alice"
builder = ["https://github.com/acme/alice/*"]
build-type = ["https://actions.github.io/buildtypes/workflow/v1"]
parameters = { workflow.ref = "${ref}" }
`;
  scene.write("policy.toml", policy("refs/tags/*"));
  const admitted = await scene.verify("alpha==1.0");
  assert.equal(admitted.exitCode, 0);
  const evidence = admitted.artifact.evidence.find(({ kind }) => kind === "attestation");
  assert.equal(evidence?.builder_id, predicate.runDetails.builder.id);
  assert.equal(evidence?.build_type, predicate.buildDefinition.buildType);
  assert.deepEqual(evidence?.parameters, {
    "workflow.ref": "refs/tags/v1",
    "workflow.repository": "https://github.com/acme/alice",
  });

  scene.write("policy.toml", policy("refs/heads/main"));
  const refused = await scene.verify("alpha==1.0");
  assert.equal(refused.exitCode, 1);
  assert.deepEqual(ids(refused.artifact), ["build-mismatch"]);
});
