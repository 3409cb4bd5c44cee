import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { setScene } from "../../testing/command-scene.ts";
import type { FakeIndex } from "../../testing/fake-index.ts";
import { type MadeWheel, makeWheel } from "../../testing/make-wheel.ts";
import { authority, provenanceOf as provenanceBy, python, requireAlice } from "../../testing/scene.ts";
import { snapshot, temporaryFolder } from "../../testing/tree.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";
import { type Answer, typeCommand } from "../../testing/type-command.ts";
import type { Report } from "../report/report.ts";

/** The commands that a user types, from the words to the exit code, against an index on loopback and a real Python. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

/** Runs one command line in `cwd`, with an empty home. */
function tspip(cwd: string, ...argv: string[]): Promise<Answer> {
  return typeCommand(cwd, argv, { env: { PYTHONUSERBASE: join(cwd, "user") } });
}

const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" };

function provenanceOf(wheel: MadeWheel): string {
  return provenanceBy(wheel, alice);
}

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

test("verify: what could not be had is undecided (exit 3), and not asked for where the policy has no use for it", async () => {
  await using scene = await setScene();
  scene.index.add({ ...good, provenance: provenanceOf(good) });
  scene.index.fault = ({ url }, response) => {
    if (!url?.startsWith("/integrity/")) return false;
    response.writeHead(500).end();
    return true;
  };
  const broken = await scene.tspip("verify", "example==1.0");
  assert.equal(broken.exitCode, 3, broken.stdout);
  assert.match(broken.stdout, /error\[evidence-unavailable\]/);
  scene.write("ignore.toml", 'version = 1\n[default]\nattestation = "ignore"\n');
  assert.equal((await scene.tspip("verify", "example==1.0", "--policy", "ignore.toml")).exitCode, 0);
});

test("verify: the kinds of absence are told apart", async () => {
  const words: [provenance: string | null | undefined, absence: string][] = [
    [null, "none"],
    [undefined, "unknown"],
    ['{"version":1,"attestation_bundles":[]}', "empty"],
  ];
  for (const [provenance, absence] of words) {
    await using scene = await setScene();
    scene.index.add({ ...good, ...(provenance !== undefined && { provenance }) });
    const { stdout } = await scene.tspip("verify", "example==1.0", "--format", "json");
    const evidence = (JSON.parse(stdout) as Report).artifacts[0]?.evidence.find(({ kind }) => kind === "attestation");
    assert.equal(evidence?.absence, absence, stdout);
  }
});

test("verify: HTML pages do as well as JSON ones", async () => {
  for (const format of ["json", "html"] as const) {
    await using scene = await setScene();
    scene.index.format = format;
    scene.index.add({ ...good, provenance: provenanceOf(good) });
    scene.write("policy.toml", requireAlice);
    const { exitCode, stdout } = await scene.tspip("verify", "example==1.0", "--policy", "policy.toml");
    assert.equal(exitCode, 0, stdout);
  }
});

test("verify: the report is valid against its schema", async () => {
  await using scene = await setScene();
  scene.index.add({ ...good, provenance: provenanceOf(good) });
  const file = scene.write("broken-1.0-py3-none-any.whl", "no archive");
  const { stdout } = await scene.tspip("verify", "example==1.0", file, "--format", "json", "--explain");
  const schema = JSON.parse(readFileSync(new URL("../../../docs/report.schema.json", import.meta.url), "utf8"));
  const validate = new Ajv2020().compile(schema);
  assert.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
});

test(
  "verify: a finding is told at the line that asks for the artifact, in every format at once",
  needsPython,
  async () => {
    await using scene = await setScene();
    scene.index.add({ ...good, provenance: null });
    scene.write("policy.toml", requireAlice);
    scene.write("requirements.txt", "# what we need\n\nexample==1.0\n");
    const files = ["sarif=r.sarif", "junit=r.xml", "github=r.txt", "html=r.html", "json=r.json"];
    const formats = files.flatMap((format) => ["--format", format]);
    const { exitCode, stdout } = await scene.tspip(
      "verify",
      "-r",
      "requirements.txt",
      "--policy",
      "policy.toml",
      ...formats,
    );
    assert.equal(exitCode, 1);
    assert.match(stdout, /error\[attestation-absent\]/);
    const read = (name: string) => readFileSync(join(scene.folder, name), "utf8");
    assert.deepEqual((JSON.parse(read("r.json")) as Report).artifacts[0]?.place, { file: "requirements.txt", line: 3 });
    assert.deepEqual(JSON.parse(read("r.sarif")).runs[0].results[0].locations[0].physicalLocation, {
      artifactLocation: { uri: "requirements.txt", uriBaseId: "SRCROOT" },
      region: { startLine: 3 },
    });
    assert.match(
      read("r.xml"),
      /classname="example" name="example-1\.0-py3-none-any\.whl" file="requirements\.txt" line="3"/,
    );
    assert.match(
      read("r.txt"),
      /^::error file=requirements\.txt,line=3,title=No attestation \(attestation-absent\)::/m,
    );
    assert.match(read("r.html"), /requirements\.txt, line 3/);
  },
);

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
    assert.match((await tspip(scene.folder, "cache", "info")).stdout, /artifacts: 1 files, \d+ bytes/);
    assert.deepEqual(readFileSync(kept), good.bytes);
    assert.equal((await tspip(scene.folder, "cache", "clear")).exitCode, 0);
    assert.equal(existsSync(kept), false);
  },
);

test("uninstall: what cannot be read is there all the same, and is in nobody else's way", needsPython, async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "alpha", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  scene.write("env/alpha-0.9.dist-info/METADATA", "Metadata-Version: 2.1\nName: alpha\nVersion: 0.9\n");
  scene.write("env/alpha-0.9.dist-info/RECORD", "alpha.py,sha256=none,\n,,\n");
  for (const words of [["uninstall"], ["install", wheel.filename]]) {
    const [command = "", ...files] = words;
    const { exitCode, stdout, stderr } = await tspip(
      ...[scene.folder, command, "--target", "env", ...(files.length === 0 ? ["alpha"] : files)],
    );
    assert.equal(exitCode, 4, stdout);
    assert.match(stderr, /Cannot replace or remove what is in ".*alpha-0\.9\.dist-info"/);
    assert.doesNotMatch(stderr, /is not installed/);
  }
  scene.write("other/~lpha-1.0.dist-info/RECORD", "");
  assert.equal((await tspip(scene.folder, "install", "--target", "other", wheel.filename)).exitCode, 0);
});

test("uninstall: what install brought goes; what is not there is said", needsPython, async () => {
  await using scene = await setScene();
  const wheel = scene.write("example-1.0-py3-none-any.whl", makeWheel({}).bytes);
  for (const place of [
    ["--venv", "env"],
    ["--target", "lib"],
    ["--prefix", "prefix"],
  ]) {
    assert.equal((await scene.tspip("install", wheel, ...place)).exitCode, 0);
    const removed = await tspip(scene.folder, "uninstall", "-y", "Example", "other", ...place);
    assert.equal(removed.stdout, "Removed example 1.0\n");
    assert.match(removed.stderr, /"other" is not installed in/);
    const left = Object.keys(snapshot(join(scene.folder, place[1] ?? "")));
    assert.deepEqual(
      left.filter((path) => /example/.test(path)),
      [],
    );
  }
  assert.equal((await tspip(scene.folder, "uninstall", "example==1.0", "--venv", "env")).exitCode, 2);
  assert.equal((await tspip(scene.folder, "uninstall", "example", "--venv", "none")).exitCode, 4);
});

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
    const user = await tspip(
      scene.folder,
      "install",
      "-i",
      scene.index.url,
      wheel,
      "--user",
      "--break-system-packages",
      "--python",
      `${python}`,
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

test("usage: mistakes are said before anything is asked, with exit 2", async () => {
  await using scene = await setScene();
  scene.write("policy.toml", "version = 1\n[defualt]\n");
  const mistakes: [argv: string[], words: RegExp][] = [
    [["example==1.0", "--policy", "policy.toml"], /policy\.toml:2:\d+.*defualt[\s\S]*default/],
    [["example==1.0", "--policy", "absent.toml"], /Cannot read the policy "absent\.toml"/],
    [["-r", "absent.txt"], /Cannot read "absent\.txt"/],
    [[], /Nothing to do/],
    [["example==1.0", "--format", "yaml"], /"yaml" is not a format/],
    [["example==1.0", "--fromat", "json"], /unknown option '--fromat'[\s\S]*--format/],
    [["exa mple"], /"exa mple" is not a requirement/],
    [["-r", scene.write("bad.txt", "good==1.0\n-e ./thing\n")], /bad\.txt:2: --editable is refused/],
  ];
  for (const [argv, words] of mistakes) {
    const { exitCode, stdout, stderr } = await scene.tspip("verify", ...argv);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, words);
    assert.equal(stdout, "");
  }
  assert.deepEqual(scene.index.requests, []);
});

test("what cannot be found is said: version, project, wheel for this interpreter, pin", needsPython, async () => {
  await using scene = await setScene();
  scene.index.add(good);
  scene.index.add(makeWheel({ name: "elsewhere", tag: "cp27-cp27mu-win_amd64" }));
  const answers: [requirement: string, words: RegExp][] = [
    ["example==9.9", /no file for "example==9\.9"[\s\S]*hint: Newest versions there: 1\.0/],
    ["absent==1.0", /no index has a file of the project "absent"/],
    ["elsewhere==1.0", /no tag of it fits the interpreter/],
  ];
  for (const [requirement, words] of answers) {
    const { exitCode, stderr } = await scene.tspip("verify", requirement);
    assert.equal(exitCode, 2);
    assert.match(stderr, words);
  }
});

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

test("nothing from outside reaches the terminal unescaped", async () => {
  await using scene = await setScene();
  scene.index.add({ ...good, yanked: "see \u001b[31mred\u001b[0m \u202emoc.live" });
  const { stdout, stderr } = await scene.tspip("verify", "example==1.0");
  assert.match(stdout, /warning\[yanked\].*see \\u\{1b\}\[31mred/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  assert.doesNotMatch(stdout + stderr, /[\u001b\u202e]/);
});

test("trust show says which root is in use, and a stored one goes before the embedded one", async () => {
  using folder = temporaryFolder();
  assert.match(
    (await tspip(folder.path, "trust", "show")).stdout,
    /^Trusted root: embedded\n[\s\S]*rekor\.sigstore\.dev/,
  );
  mkdirSync(join(folder.path, ".local/share/tspip"), { recursive: true });
  writeFileSync(join(folder.path, ".local/share/tspip/trusted_root.json"), authority.trustedRootJson);
  assert.match((await tspip(folder.path, "trust", "show")).stdout, /^Trusted root: tspip trust update \(/);
  const { exitCode, stderr } = await tspip(folder.path, "trust", "update", "--mirror", "https://example.org/");
  assert.equal(exitCode, 2);
  assert.match(stderr, /--mirror needs --root/);
});

test("--offline opens no connection", async () => {
  await using scene = await setScene();
  scene.index.add(good);
  const { exitCode, stderr } = await scene.tspip("verify", "example==1.0", "--offline");
  assert.equal(exitCode, 3);
  assert.match(stderr, /--offline opens no connection/);
  assert.deepEqual(scene.index.requests, []);
});

test("a real attestation verifies against the public root, offline", async (context: TestContext) => {
  const file = new URL(
    "../../../testdata/real/circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl",
    import.meta.url,
  ).pathname;
  using folder = temporaryFolder();
  const { exitCode, stdout } = await tspip(folder.path, "verify", file, "--offline", "--explain");
  context.diagnostic(stdout.split("\n")[1] ?? "");
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /checkpoint rekor\.sigstore\.dev/);
});
