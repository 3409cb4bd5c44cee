import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { EnvironmentError } from "../../errors.ts";
import { pylockOf } from "../../testing/lock-texts.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { python, setScene } from "../../testing/scene.ts";
import { temporaryFolder } from "../../testing/tree.ts";

/** Ways past the gate, and words that must not be said, that a review found once. */

const wheel = makeWheel({ name: "alpha" });
const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

test("a word that may be a project or a folder of wheels is no request", async () => {
  await using scene = await setScene();
  scene.write(`alpha/${wheel.filename}`, wheel.bytes);
  const { exitCode, stderr } = await scene.tspip("verify", "alpha");
  assert.equal(exitCode, 2);
  assert.match(stderr, /may be the project or the folder.*\n.*\.\/alpha/s);
  assert.equal((await scene.tspip("verify", "./alpha")).exitCode, 0);
});

test("two files of one name are a conflict, in either order", async () => {
  await using scene = await setScene();
  const [good, bad] = [`good/${wheel.filename}`, `bad/${wheel.filename}`];
  scene.write(good, wheel.bytes);
  scene.write(bad, "garbage");
  for (const files of [
    [good, bad],
    [bad, good],
  ])
    assert.equal((await scene.tspip("download", "-d", "kept", ...files)).exitCode, 2);
  assert.equal((await scene.tspip("download", "-d", "kept", good, good)).exitCode, 0, "one file twice is one");
});

test("--attestations FILE: one whose name says nothing of an artifact is said", async () => {
  await using scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  scene.write("good.json", "{}");
  const { exitCode, stderr } = await scene.tspip("verify", "--attestations", "good.json", wheel.filename);
  assert.equal(exitCode, 2);
  assert.match(stderr, /hint: Name it like the artifact, with one of \.provenance/);
});

test("a pipe beside a wheel is not waited for: what it would say is open", {
  skip: spawnSync("mkfifo", ["--version"]).status !== 0,
}, async () => {
  await using scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  spawnSync("mkfifo", [join(scene.folder, `${wheel.filename}.provenance`)]);
  scene.write("policy.toml", 'version = 1\n[default]\nattestation = "require"\n');
  assert.equal((await scene.tspip("verify", "--policy", "policy.toml", wheel.filename)).exitCode, 3);
});

test("passwords in what the user typed are not shown, and nothing typed acts on the terminal", async () => {
  await using scene = await setScene();
  scene.write("requirements.txt", "git+https://me:s3cret@host.example/x\n");
  for (const argv of [
    ["verify", "git+https://me:s3cret@host.example/x"],
    ["verify", "-r", "requirements.txt"],
    ["verify", "x @ ftp://me:s3cret@host.example/x.whl"],
  ]) {
    const { stdout, stderr } = await scene.tspip(...argv);
    assert.match(stdout + stderr, /\*\*\*@host\.example|error/);
    assert.doesNotMatch(stdout + stderr, /s3cret/);
  }
  const { stderr } = await scene.tspip("verify", "--nonsense\u001b[31m");
  assert.ok(!stderr.includes("\u001b"));
});

test("a trusted root that cannot be had matters where an attestation is to be verified, also to what is remembered", async () => {
  await using scene = await setScene();
  scene.write("pylock.toml", pylockOf(scene.index, wheel));
  scene.index.add(wheel);
  scene.write("a.toml", 'version = 1\n[trust]\nsigstore = { tuf = "https://tuf.example/", root = "root.json" }\n');
  for (const cache of [["--no-cache-dir"], ["--cache-dir", "cache"]]) {
    const verify = ["verify", "-i", scene.index.url, "--lock", "pylock.toml", "--policy", "a.toml", ...cache];
    const { exitCode, stdout, stderr } = await scene.tspipAlone(...verify);
    assert.equal(exitCode, 0, stdout + stderr);
  }
});

test("what is remembered under one policy's places is asked for anew under another's", async () => {
  await using scene = await setScene();
  const lock = pylockOf(scene.index, wheel);
  scene.write("pylock.toml", lock);
  scene.index.add(wheel);
  const places = (...more: string[]) =>
    `version = 1\n[trust]\nattestations = ${JSON.stringify(["index", ...more])}\n[default]\nattestation = "if-present"\n`;
  scene.write("a.toml", places());
  scene.write("b.toml", places(`${scene.index.origin}/attestations/{sha256}`));
  const verify = (policy: string) =>
    scene.tspip("verify", "--lock", "pylock.toml", "--policy", policy, "--cache-dir", "cache");
  assert.equal((await verify("a.toml")).exitCode, 0);
  await verify("b.toml");
  assert.ok(
    scene.index.requests.some((request) => request.startsWith("GET /attestations/")),
    "the other place is asked",
  );
});

test("an answer that a full disk did not take is no success", {
  skip: !existsSync("/dev/full") || !existsSync(new URL("../../../dist/main.cjs", import.meta.url)),
}, () => {
  const launcher = new URL("../../launcher.cjs", import.meta.url).pathname;
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", `exec "$0" "$1" completion --bash > /dev/full`, process.execPath, launcher],
    { encoding: "utf8" },
  );
  assert.equal(status, 4);
  assert.match(stderr, /Cannot write the answer: the disk is full\n/);
});

test("a folder that is gone is an error of what works in it, with its own exit code", {
  skip: process.platform === "win32" || !existsSync(new URL("../../../dist/main.cjs", import.meta.url)),
}, () => {
  using folder = temporaryFolder();
  const launcher = new URL("../../launcher.cjs", import.meta.url).pathname;
  const type = (name: string, ...argv: string[]) => {
    const script = `mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"`;
    const words = ["-c", script, join(folder.path, name), process.execPath, launcher, ...argv];
    return spawnSync("sh", words, { encoding: "utf8", env: { PATH: process.env.PATH, HOME: folder.path } });
  };
  const { status, stderr } = type("a", "verify", "demo==1.0");
  assert.equal(status, 4, stderr);
  assert.match(
    stderr,
    /^error: The folder that you are in is not there any more\nhint: Change to a folder that exists$/m,
  );
  assert.equal(type("b", "--version").status, 0);
});

test("a file that holds no certificate is told, and no index is asked", async () => {
  await using scene = await setScene();
  scene.write("none.pem", "no certificate");
  scene.write("half.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  for (const [option, file, words] of [
    ["--cert", "none.pem", /none\.pem" holds no certificate/],
    ["--client-cert", "none.pem", /holds no certificate/],
    ["--client-cert", "half.pem", /Cannot use the certificate in ".*half\.pem"/],
  ] as const) {
    const { exitCode, stderr } = await scene.tspip("verify", "demo==1.0", option, file);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, words);
  }
  assert.deepEqual(scene.index.requests, []);
});

test("a report that cannot be written is said before anything is installed", async () => {
  await using scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  for (const argv of [
    ["--sbom", "absent/sbom.json"],
    ["--format", "json=absent/report.json"],
  ]) {
    const { exitCode, stderr } = await scene.tspip("install", "--no-deps", "--target", "site", ...argv, wheel.filename);
    assert.equal(exitCode, 4);
    assert.match(stderr, /Cannot write ".*absent/);
    assert.ok(!existsSync(`${scene.folder}/site`));
  }
  const inside = await scene.tspip(
    "install",
    "--no-deps",
    "--target",
    "site",
    "--sbom",
    "site/sbom.json",
    wheel.filename,
  );
  assert.equal(inside.exitCode, 0, inside.stderr);
});

test("a cache folder that cannot be made is an error at once, with a hint", async () => {
  await using scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  scene.write("file", "");
  const folders = ["file/cache", ...(existsSync("/proc") ? ["/proc/no-such-process/cache"] : [])];
  for (const folder of folders) {
    for (const [command, ...words] of [
      ["verify", wheel.filename],
      ["run", "--", "uv", "--version"],
    ] as const) {
      const { exitCode, stdout, stderr } = await scene.tspip(command, "--cache-dir", folder, ...words);
      assert.equal(exitCode, 4, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /^error: Cannot make the cache folder ".*cache": /);
      assert.match(stderr, /^hint: Name another folder with --cache-dir, or keep nothing with --no-cache-dir$/m);
    }
  }
});

test("cache clear removes what tspip has put there, and nothing of somebody else's", async () => {
  await using scene = await setScene();
  scene.write(`cache/locked/${"a".repeat(64)}.json`, "{}");
  scene.write("cache/locked/mine.txt", "mine");
  scene.write(`cache/artifacts/ab/${"ab".repeat(32)}`, "bytes");
  const { exitCode, stdout, stderr } = await scene.tspipAlone("cache", "clear", "--cache-dir", "cache");
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^Removed artifacts: 1 files, 5 bytes$/m);
  assert.match(stdout, /^Removed locked: 1 files, 2 bytes$/m);
  assert.match(stderr, /Left 1 files/);
  assert.deepEqual(
    ["cache/locked/mine.txt", "cache/artifacts"].map((path) => existsSync(`${scene.folder}/${path}`)),
    [true, false],
  );
});

test("where cleaning up fails as well, what went wrong first is said", async () => {
  await using scene = await setScene();
  const first = new EnvironmentError("cannot-write", "Cannot write: the disk is full");
  const now = () => {
    throw Object.assign(new Error("An error was suppressed during disposal"), { suppressed: first });
  };
  scene.write(wheel.filename, wheel.bytes);
  const { exitCode, stderr } = await scene.tspipOn({ now }, "verify", wheel.filename);
  assert.deepEqual([exitCode, stderr], [4, "error: Cannot write: the disk is full\n"]);
});

test("a home that is no folder holds no trusted root, and takes none", async () => {
  await using scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  scene.write("home", "");
  const homedir = join(scene.folder, "home");
  const verified = await scene.tspipOn({ homedir }, "verify", "--offline", wheel.filename);
  assert.equal(verified.exitCode, 0, verified.stdout);
  for (const XDG_DATA_HOME of [homedir, "/proc/nothing"]) {
    const { exitCode, stderr } = await scene.tspipOn({ env: { XDG_DATA_HOME } }, "trust", "update", "--offline");
    assert.equal(exitCode, 4, stderr);
    assert.match(stderr, /^error: Cannot store the trusted root in /);
  }
});

test("a target whose path has no room for ours is an error, and no bug", needsPython, async () => {
  await using scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  const long = join(
    ...Array.from({ length: 20 }, () => "q".repeat(190)),
    "r".repeat(4035 - 20 * 191 - scene.folder.length),
  );
  const { exitCode, stderr } = await scene.tspipAlone("install", "--offline", "--target", long, wheel.filename);
  assert.equal(exitCode, 4, stderr);
  assert.match(stderr, /^error: Cannot .*ENAMETOOLONG/);
});

test("long text from outside takes no time to show, and is cut", async () => {
  await using scene = await setScene();
  const long = makeWheel({ name: "long", metadata: [`Requires-Dist: ${"a.".repeat(200_000)}!`] });
  scene.write(long.filename, long.bytes);
  const start = performance.now();
  const { exitCode, stdout } = await scene.tspipAlone("verify", "--offline", long.filename);
  assert.equal(exitCode, 1);
  assert.ok(performance.now() - start < 10_000, "it took three minutes");
  assert.ok(stdout.length < 2000, `${stdout.length} characters`);
});

/** A thousand once held an install for seven minutes. */
test("extras that name each other in a long circle are followed once", needsPython, async () => {
  await using scene = await setScene();
  const count = 1000;
  const next = (at: number) => `demo[e${(at + 1) % count}]`;
  const numbers = Array.from({ length: count }, (_, at) => at);
  const extras = numbers.flatMap((at) => [
    `Provides-Extra: e${at}`,
    `Requires-Dist: ${at === count - 1 ? "gone" : next(at)} ; extra == "e${at}"`,
  ]);
  const demo = makeWheel({ name: "demo", metadata: ["Requires-Dist: demo[e0]", ...extras] });
  scene.write(demo.filename, demo.bytes);
  const lists = numbers.map((at) => `e${at} = ["${at === count / 2 ? "needed==1.0" : next(at)}", "${next(at)}"]`);
  const project = [
    "[project]",
    'name = "demo"',
    'dependencies = ["demo[e0]"]',
    "[project.optional-dependencies]",
    ...lists,
  ];
  scene.write("pyproject.toml", project.join("\n"));
  scene.offer({ name: "needed", version: "1.0" });
  const install = ["install", "--no-index", "--target", "site", `./${demo.filename}`];
  const unmet = await scene.tspip(...install);
  assert.equal(unmet.exitCode, 2, unmet.stderr);
  assert.match(unmet.stderr, /"gone ; extra == .*needs it/);
  assert.equal((await scene.tspip(...install, "--no-deps")).exitCode, 0);
  const audited = await scene.tspipAlone("audit", "--path", "site");
  assert.match(audited.stdout, /gone/);
  assert.equal((await scene.tspipAlone("ext", "sbom", "--path", "site", "-o", "sbom.json")).exitCode, 0);
  const asked = await scene.tspip("verify", "--no-deps", "-r", "pyproject.toml");
  assert.equal(asked.exitCode, 0, asked.stderr);
  assert.match(asked.stdout, /ok needed-1\.0/);
});

test("an option with an empty value is a mistake, and not the working directory or another index", async () => {
  await using scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  for (const option of ["--target", "--prefix", "--cache-dir", "--index-url", "--find-links", "--keyring", "--sbom"]) {
    const { exitCode, stderr } = await scene.tspipAlone("install", "--dry-run", option, "", wheel.filename);
    assert.equal(exitCode, 2, option);
    assert.equal(stderr.split("\n")[0], `error: The value of ${option} is empty`);
  }
  assert.equal((await scene.tspipAlone("download", "-d", "", wheel.filename)).exitCode, 2);
  assert.equal((await scene.tspipAlone("policy", "explain", "--policy=", "alpha")).exitCode, 2);
});

test("an option whose value is out of its range says what the range is", async () => {
  await using scene = await setScene();
  for (const [range, ...argv] of [
    ["Give a whole number, up to 999.", "verify", "--retries", "1000"],
    ["Give a number of seconds above 0, up to 86400.", "verify", "--timeout", "100000"],
    ["Give a day such as 2027-01-31.", "keyring", "add", "ring", "name", "--key", "k", "--valid-from", "2027-02-30"],
  ] as const) {
    const { exitCode, stderr } = await scene.tspipAlone(...argv);
    assert.equal(exitCode, 2);
    assert.ok(stderr.includes(`is invalid. ${range}`), stderr);
  }
});

test("two formats for one file are a mistake", async () => {
  await using scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  const { exitCode, stderr } = await scene.tspipAlone(
    ...["verify", "--format", "json=report", "--format", "sarif=report", wheel.filename],
  );
  assert.equal(exitCode, 2);
  assert.match(stderr, /Two --format name "report"/);
});

/** Looked at for each extra that it names, the longer marker alone would take minutes. */
test("markers that name twenty thousand extras are followed, or given up", needsPython, async () => {
  await using scene = await setScene();
  const extras = Array.from({ length: 20_000 }, (_, at) => `e${at}`);
  const any = extras.map((extra) => `extra == "${extra}"`).join(" or ");
  const demo = (marker: string) => {
    const { filename, bytes } = makeWheel({
      name: "demo",
      metadata: [`Requires-Dist: demo[${extras.join(",")}]`, `Requires-Dist: gone ; ${marker}`],
    });
    scene.write(filename, bytes);
    return `./${filename}`;
  };
  // Without uv, whose stack has no room for them.
  const env = { PATH: dirname(python ?? "") };
  const install = (marker: string, ...more: string[]) =>
    scene.tspipWith(env, "install", "--no-index", "--target", "site", demo(marker), ...more);
  const followed = await install(any);
  assert.equal(followed.exitCode, 2);
  assert.match(followed.stderr, /Dependencies are missing\n +"gone ;/);
  const evil = `(${any}) and os_name == "none"`;
  const givenUp = await install(evil);
  assert.equal(givenUp.exitCode, 2);
  assert.match(givenUp.stderr, /^error: The markers of what "demo" requires name too many extras\nhint: /);
  assert.equal((await install(evil, "--no-deps")).exitCode, 0);
  const audited = await scene.tspipAlone("audit", "--path", "site");
  assert.equal(audited.exitCode, 1);
  assert.match(audited.stdout, /name too many extras/);
});
