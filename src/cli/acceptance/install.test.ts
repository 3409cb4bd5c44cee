import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setScene } from "../../testing/command-scene.ts";
import type { FakeIndex } from "../../testing/fake-index.ts";
import { type MadeWheel, makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf as provenanceBy, python, requireAlice } from "../../testing/scene.ts";
import { snapshot } from "../../testing/tree.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";
import { typeCommand } from "../../testing/type-command.ts";
import type { Report } from "../report/report.ts";

/** `tspip install`, from the words to the exit code, against an index on loopback and a real Python. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" };

function provenanceOf(wheel: MadeWheel): string {
  return provenanceBy(wheel, alice);
}

/** One thing is wrong; the finding that must come first, and the environment that must stay as it is. */
interface Refusal {
  readonly what: string;
  readonly finding: string;
  readonly wheel: MadeWheel;
  readonly offer?: Partial<Parameters<FakeIndex["add"]>[0]>;
  readonly requirement?: string;
  readonly policy?: string;
}

const good = makeWheel();
const refusals: Refusal[] = [
  {
    what: "one altered file",
    finding: "record-mismatch",
    wheel: makeWheel({ altered: { "example/__init__.py": "__version__ = '1.1'\n" } }),
  },
  {
    what: "one unlisted file",
    finding: "record-unlisted-file",
    wheel: makeWheel({ unlisted: { "evil.pth": "import evil\n" } }),
  },
  {
    what: "bytes other than the index promised",
    finding: "index-hash-mismatch",
    wheel: good,
    offer: { hashes: { sha256: "0".repeat(64) } },
  },
  {
    what: "bytes other than the user pinned",
    finding: "hash-mismatch",
    wheel: good,
    requirement: `example==1.0 --hash=sha256:${"1".repeat(64)}`,
  },
  {
    what: "an attestation of another file",
    finding: "attestation-subject-mismatch",
    wheel: good,
    offer: { provenance: provenanceOf(makeWheel({ name: "other" })) },
  },
  {
    what: "another signer than the policy names",
    finding: "signer-mismatch",
    wheel: good,
    offer: { provenance: provenanceOf(good) },
    policy: requireAlice.replace("acme/alice", "acme/bob"),
  },
  {
    what: "no attestation where one is required",
    finding: "attestation-absent",
    wheel: good,
    offer: { provenance: null },
    policy: requireAlice,
  },
  {
    what: "an attestation that cannot be read, though none is asked for",
    finding: "attestation-unreadable",
    wheel: good,
    offer: { provenance: "{" },
  },
  {
    what: "a provenance document without bundles",
    finding: "attestation-absent",
    wheel: good,
    offer: { provenance: '{"version":1,"attestation_bundles":[]}' },
    policy: requireAlice,
  },
  {
    what: "a wheel with another name inside",
    finding: "wheel-identity-mismatch",
    wheel: { ...makeWheel({ name: "other" }), filename: good.filename },
  },
  {
    what: "bytes that are no archive",
    finding: "archive-unreadable",
    wheel: { ...good, bytes: Buffer.from("<html>") },
  },
];

test("install: an attested wheel and its dependency, into a new environment, with an SBOM", needsPython, async () => {
  await using scene = await setScene();
  const alpha = makeWheel({
    name: "Alpha",
    metadata: ["Requires-Dist: beta>=2; python_version >= '3'"],
    entryPoints: "[console_scripts]\nalpha-says = alpha_pkg:main\n",
    files: { "alpha_pkg.py": "import beta\ndef main():\n    print('alpha with', beta.__version__)\n" },
  });
  const beta = makeWheel({ name: "beta", version: "2.1" });
  for (const wheel of [alpha, beta]) scene.index.add({ ...wheel, provenance: provenanceOf(wheel) });
  scene.write("policy.toml", requireAlice);
  scene.write("requirements.txt", `beta==2.1 --hash=sha256:${beta.sha256}\n`);

  const { exitCode, stdout } = await scene.tspip(
    "install",
    "alpha==1.0",
    "-r",
    "requirements.txt",
    "--venv",
    "env",
    "--policy",
    "policy.toml",
    "--sbom",
    "sbom.json",
  );
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /published by GitHub acme\/alice release\.yml/);
  const said = execFileSync(join(scene.folder, "env/bin/alpha-says"), { encoding: "utf8" });
  assert.equal(said, "alpha with 2.1\n");

  const sbom = JSON.parse(readFileSync(join(scene.folder, "sbom.json"), "utf8"));
  assert.deepEqual(
    sbom.components.map((component: { name: string }) => component.name),
    ["alpha", "beta"],
  );
  assert.match(JSON.stringify(sbom.components[0]), /acme\/alice/);
});

test(
  "install: a dependency that is not in the input is named with who needs it, and nothing is installed",
  needsPython,
  async () => {
    await using scene = await setScene();
    scene.index.add(makeWheel({ name: "alpha", metadata: ["Requires-Dist: beta>=2"] }));
    const { exitCode, stderr } = await scene.tspip("install", "alpha==1.0", "--venv", "env");
    assert.equal(exitCode, 2);
    assert.match(stderr, /"beta>=2" is not in the input: "alpha" 1\.0 needs it/);
    assert.equal(existsSync(join(scene.folder, "env")), false);
  },
);

test(
  "install: an upgrade takes the old version's files away; the same again changes nothing but times",
  needsPython,
  async () => {
    await using scene = await setScene();
    const [older, newer] = [
      makeWheel({ files: { "example/a.py": "", "example/old/b.py": "" } }),
      makeWheel({ version: "2.0", files: { "example/a.py": "x = 1\n" } }),
    ];
    for (const wheel of [older, newer]) scene.index.add(wheel);
    await scene.tspip("install", "example==1.0", "--venv", "env");
    assert.equal((await scene.tspip("install", "example==2.0", "--venv", "env")).exitCode, 0);
    const after = snapshot(join(scene.folder, "env"));
    assert.deepEqual(
      Object.keys(after)
        .filter((path) => /example/.test(path))
        .map((path) => path.replace(/.*site-packages\//, ""))
        .sort(),
      [
        "example",
        "example-2.0.dist-info",
        "example-2.0.dist-info/INSTALLER",
        "example-2.0.dist-info/METADATA",
        "example-2.0.dist-info/RECORD",
        "example-2.0.dist-info/REQUESTED",
        "example-2.0.dist-info/WHEEL",
        "example-2.0.dist-info/tspip.json",
        "example/a.py",
      ],
    );
    await scene.tspip("install", "example==2.0", "--venv", "env");
    assert.deepEqual(snapshot(join(scene.folder, "env")), after);
  },
);

for (const { what, finding, wheel, offer, requirement = "example==1.0", policy } of refusals) {
  test(`install refuses ${what}: ${finding}, exit 1, nothing changed`, needsPython, async () => {
    await using scene = await setScene();
    scene.index.add(makeWheel({ name: "bystander" }));
    await scene.tspip("install", "bystander==1.0", "--venv", "env");
    const before = snapshot(scene.folder);
    scene.index.add({ ...wheel, ...offer });
    const argv = [
      scene.write("requirements.txt", requirement),
      ...(policy === undefined ? [] : ["--policy", scene.write("policy.toml", policy)]),
    ];

    const { exitCode, stdout } = await scene.tspip("install", "--venv", "env", "--format", "json", "-r", ...argv);
    assert.equal(exitCode, 1, stdout);
    const report: Report = JSON.parse(stdout);
    assert.equal(report.artifacts[0]?.findings[0]?.id, finding, stdout);
    const after = snapshot(scene.folder);
    for (const input of ["requirements.txt", "policy.toml"]) delete after[input];
    assert.deepEqual(after, before);
  });
}

test("install: a lock file; provenance is looked up on the index that it names", needsPython, async () => {
  await using scene = await setScene();
  scene.index.add({ ...good, provenance: provenanceOf(good) });
  scene.write("policy.toml", requireAlice);
  const url = `${scene.index.origin}/files/${good.filename}`;
  const lock = (sha256: string) =>
    `lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "example"\nversion = "1.0"\nindex = "${scene.index.url}"\n[[packages.wheels]]\nurl = "${url}"\nhashes = { sha256 = "${sha256}" }\n`;
  scene.write("pylock.toml", lock(good.sha256));
  const { exitCode, stdout } = await scene.tspip(
    "install",
    "--lock",
    "pylock.toml",
    "--venv",
    "env",
    "--policy",
    "policy.toml",
  );
  assert.equal(exitCode, 0, stdout);
  scene.write("pylock.toml", lock("2".repeat(64)));
  assert.match((await scene.tspip("verify", "--lock", "pylock.toml")).stdout, /error\[hash-mismatch\]/);
});

test("install: a file where --target or --prefix names a folder is a mistake of the user's", needsPython, async () => {
  await using scene = await setScene();
  const file = scene.write(good.filename, good.bytes);
  for (const option of ["--target", "--prefix"]) {
    const { exitCode, stderr } = await scene.tspip("install", file, option, file);
    assert.equal(exitCode, 2);
    assert.match(stderr, /it is no folder/);
  }
  for (const option of ["--target", "--prefix", "--venv"]) {
    const { exitCode, stderr } = await scene.tspip("install", file, option, `${file}/below/it`);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^error: Cannot install into ".*below\/it": ".*\.whl" is no folder\nhint: Name a folder/);
  }
});

test("install: --target, and a file that belongs to somebody else is not overwritten", needsPython, async () => {
  await using scene = await setScene();
  const file = scene.write(good.filename, good.bytes);
  assert.equal((await scene.tspip("install", file, "--target", "packages")).exitCode, 0);
  const url = JSON.parse(readFileSync(join(scene.folder, "packages/example-1.0.dist-info/direct_url.json"), "utf8"));
  assert.deepEqual(url.archive_info.hashes, { sha256: good.sha256 });

  const thief = makeWheel({
    name: "thief",
    files: { "example/__init__.py": "stolen = True\n", "notes.txt": "mine\n" },
  });
  scene.write("packages/notes.txt", "the user's own");
  const before = snapshot(join(scene.folder, "packages"));
  const { exitCode, stderr } = await scene.tspip(
    "install",
    scene.write(thief.filename, thief.bytes),
    "--target",
    "packages",
  );
  assert.equal(exitCode, 4);
  assert.match(stderr, /it belongs to "example"/);
  assert.match(stderr, /belongs to no distribution/);
  assert.deepEqual(snapshot(join(scene.folder, "packages")), before);
});

test(
  "install: an admitted artifact is not fetched again, unless what was kept is no longer what is promised",
  needsPython,
  async () => {
    await using scene = await setScene();
    scene.index.add(good);
    const fetched = () => scene.index.requests.filter((path) => path.endsWith(".whl")).length;
    const install = (target: string, ...more: string[]) =>
      scene.tspip("install", "example==1.0", "--no-deps", "--target", target, ...more);
    assert.equal((await install("a")).exitCode, 0);
    assert.equal(fetched(), 1);
    assert.equal((await install("b")).exitCode, 0);
    assert.equal(fetched(), 1);
    assert.equal((await install("c", "--no-cache-dir")).exitCode, 0);
    assert.equal(fetched(), 2);
    const kept = join(scene.folder, ".cache/tspip/artifacts", good.sha256.slice(0, 2), good.sha256);
    const ofSameSize = Buffer.from(good.bytes).fill(0, 100, 200);
    for (const [at, changed] of ["changed by somebody", ofSameSize].entries()) {
      writeFileSync(kept, changed);
      const { exitCode, stderr } = await install(`d${at}`);
      assert.equal(exitCode, 0);
      assert.match(
        stderr,
        /"example-1\.0-py3-none-any\.whl" in the cache is not what was kept there: it is fetched again/,
      );
      assert.equal(fetched(), 3 + at);
      assert.deepEqual(readFileSync(kept), good.bytes);
    }
    assert.match((await typeCommand(scene.folder, ["cache", "info"])).stdout, /artifacts: 1 files, \d+ bytes/);
    assert.deepEqual(readFileSync(kept), good.bytes);
    assert.equal((await typeCommand(scene.folder, ["cache", "clear"])).exitCode, 0);
    assert.equal(existsSync(kept), false);
  },
);

test(
  "install: --prefix has the interpreter's layout, --user the user's, and two places are one too many",
  needsPython,
  async () => {
    await using scene = await setScene();
    const wheel = scene.write("example-1.0-py3-none-any.whl", makeWheel({}).bytes);
    assert.equal((await scene.tspip("install", wheel, "--prefix", "prefix")).exitCode, 0);
    const below = Object.keys(snapshot(join(scene.folder, "prefix")));
    assert.ok(
      below.some((path) => /lib\/python3[^/]*\/(?:site|dist)-packages\/example\/__init__\.py$/.test(path)),
      below.join(),
    );
    const user = await typeCommand(
      scene.folder,
      ["install", "-i", scene.index.url, wheel, "--user", "--break-system-packages", "--python", `${python}`],
      { env: { PYTHONUSERBASE: join(scene.folder, "user") } },
    );
    assert.equal(user.exitCode, 0, user.stderr);
    assert.ok(Object.keys(snapshot(join(scene.folder, "user"))).some((path) => /example\/__init__\.py$/.test(path)));
    assert.equal((await scene.tspip("install", wheel, "--user", "--target", "x")).exitCode, 2);
    assert.equal((await scene.tspip("install", wheel, "--venv", "env")).exitCode, 0);
    const inVenv = await scene.tspip("install", wheel, "--user", "--python", "env/bin/python");
    assert.equal(inVenv.exitCode, 4);
    assert.match(inVenv.stderr, /sees no per-user packages/);
  },
);

test("install: a source distribution is refused with the reason", needsPython, async () => {
  await using scene = await setScene();
  scene.index.add({ filename: "example-1.0.tar.gz", bytes: Buffer.from("not looked at") });
  const { exitCode, stdout } = await scene.tspip("install", "example==1.0", "--venv", "env");
  assert.equal(exitCode, 1);
  assert.match(stdout, /error\[sdist-refused\]/);
  assert.equal(
    scene.index.requests.some((request) => request.includes("/files/")),
    false,
    "it is not even downloaded",
  );
});
