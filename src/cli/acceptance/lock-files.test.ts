import assert from "node:assert/strict";
import { test } from "node:test";
import { type Scene, setScene } from "../../testing/command-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import type { Report } from "../report/report.ts";

/** `--lock` with the lock of every tool, by the command a user would type. */

const [alpha, beta] = [makeWheel({ name: "alpha" }), makeWheel({ name: "beta", version: "2.0" })];

/** The same two packages, the second in the group `dev`, as each tool writes them. */
const locks: Readonly<Record<string, (scene: Scene, alphaDigest: string) => string>> = {
  "uv.lock": ({ index }, digest) => `version = 1
[[package]]
name = "alpha"
version = "1.0"
source = { registry = "${index.url}" }
wheels = [{ url = "${index.origin}/files/${alpha.filename}", hash = "sha256:${digest}" }]
[[package]]
name = "app"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "alpha" }]
[package.dev-dependencies]
dev = [{ name = "beta" }]
[[package]]
name = "beta"
version = "2.0"
source = { registry = "${index.url}" }
wheels = [{ url = "${index.origin}/files/${beta.filename}", hash = "sha256:${beta.sha256}" }]
`,
  "poetry.lock": (_, digest) => `[[package]]
name = "alpha"
version = "1.0"
optional = false
groups = ["main"]
files = [{file = "${alpha.filename}", hash = "sha256:${digest}"}]
[[package]]
name = "beta"
version = "2.0"
optional = false
groups = ["dev"]
files = [{file = "${beta.filename}", hash = "sha256:${beta.sha256}"}]
[metadata]
lock-version = "2.1"
`,
  "pdm.lock": (_, digest) => `[metadata]
groups = ["default", "dev"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
[[package]]
name = "alpha"
version = "1.0"
groups = ["default"]
files = [{file = "${alpha.filename}", hash = "sha256:${digest}"}]
[[package]]
name = "beta"
version = "2.0"
groups = ["dev"]
files = [{file = "${beta.filename}", hash = "sha256:${beta.sha256}"}]
`,
  "Pipfile.lock": ({ index }, digest) =>
    `${JSON.stringify(
      {
        _meta: { "pipfile-spec": 6, sources: [{ name: "own", url: index.url }] },
        default: { alpha: { hashes: [`sha256:${digest}`], index: "own", version: "==1.0" } },
        dev: { beta: { hashes: [`sha256:${beta.sha256}`], version: "==2.0" } },
      },
      null,
      4,
    )}\n`,
};

async function judged(scene: Scene, ...argv: string[]) {
  const { exitCode, stdout, stderr } = await scene.tspip("verify", "--format", "json", ...argv);
  assert.match(stdout, /^\{/, stderr);
  const { artifacts }: Report = JSON.parse(stdout);
  return { exitCode, artifacts, names: artifacts.map(({ name }) => name).sort() };
}

for (const [name, write] of Object.entries(locks)) {
  test(`--lock ${name}: groups are chosen, and another digest is refused at its line`, async () => {
    await using scene = await setScene();
    for (const wheel of [alpha, beta]) scene.index.add(wheel);
    const lock = write(scene, alpha.sha256);
    scene.write(name, lock);
    assert.deepEqual((await judged(scene, "--lock", name, "--all-groups")).names, ["alpha", "beta"]);
    assert.deepEqual((await judged(scene, "--lock", name, "--group", "main")).names, ["alpha"]);

    scene.write(name, write(scene, "0".repeat(64)));
    const { exitCode, artifacts } = await judged(scene, "--lock", name, "--group", "main");
    assert.equal(exitCode, 1);
    const [refused] = artifacts;
    assert.equal(refused?.findings[0]?.id, "hash-mismatch");
    const { file, line = 0 } = refused?.place ?? {};
    assert.equal(file, name);
    assert.match(
      lock
        .split("\n")
        .slice(line - 1, line + 1)
        .join("\n"),
      /alpha/,
    );
  });
}

test("a lock with nothing for the groups that are asked for is told, not passed in silence", async () => {
  await using scene = await setScene();
  scene.write("poetry.lock", '[metadata]\nlock-version = "2.1"\n');
  const { exitCode, stderr } = await scene.tspip("verify", "--lock", "poetry.lock");
  assert.equal(exitCode, 0);
  assert.match(stderr, /warning: There is nothing to judge/);
});

test("--lock: what is no file of an index is refused, all of it, each with its line; a group that is not there is named", async () => {
  await using scene = await setScene();
  scene.write(
    "uv.lock",
    `version = 1
[[package]]
name = "app"
version = "1"
source = { editable = "." }
dependencies = [{ name = "one" }, { name = "two" }]
[[package]]
name = "one"
version = "1"
source = { git = "https://example.org/one?rev=main#0" }
[[package]]
name = "two"
version = "1"
source = { directory = "../two" }
`,
  );
  const { exitCode, stderr } = await scene.tspip("verify", "--lock", "uv.lock");
  assert.equal(exitCode, 2);
  assert.match(
    stderr,
    /uv\.lock:7: "one==1" is locked to a git repository\n.*uv\.lock:11: "two==1" is locked to a folder/,
  );
  const unknown = await scene.tspip("verify", "--lock", "uv.lock", "--extra", "fast");
  assert.equal(unknown.exitCode, 2);
  assert.match(unknown.stderr, /the lock file has no extra "fast"/);
});

test("uv.lock: the groups that pyproject.toml beside it installs by default are judged", async () => {
  await using scene = await setScene();
  const [alpha, beta] = [makeWheel({ name: "alpha" }), makeWheel({ name: "beta" })];
  for (const wheel of [alpha, beta]) scene.index.add(wheel);
  const locked = ({ filename, sha256 }: typeof alpha, name: string) =>
    `[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { registry = "${scene.index.url}" }\nwheels = [{ url = "${scene.index.origin}/files/${filename}", hash = "sha256:${sha256}" }]\n`;
  const own = `[[package]]\nname = "app"\nversion = "1.0"\nsource = { virtual = "." }\n[package.dev-dependencies]\ndev = [{ name = "alpha" }]\nbuild-tools = [{ name = "beta" }]\n`;
  scene.write("app/uv.lock", `version = 1\n${locked(alpha, "alpha")}${locked(beta, "beta")}${own}`);
  const judgedBy = async (settings: string) => {
    scene.write("app/pyproject.toml", `[project]\nname = "app"\n${settings}`);
    const { stdout, stderr } = await scene.tspip("verify", "--lock", "app/uv.lock", "--format", "json");
    assert.match(stdout, /^\{/, stderr);
    return JSON.parse(stdout).artifacts.map(({ name }: { name: string }) => name);
  };
  assert.deepEqual(await judgedBy(""), ["alpha"]);
  assert.deepEqual(await judgedBy('[tool.uv]\ndefault-groups = ["Build_Tools"]\n'), ["beta"]);
  assert.deepEqual(await judgedBy("[tool.uv]\ndefault-groups = []\n[tool.uv.pip]\n"), []);
  assert.deepEqual(await judgedBy('[tool.uv]\ndefault-groups = "all"\n'), ["alpha", "beta"]);
  scene.write("app/pyproject.toml", "[tool.uv]\ndefault-groups = 7\n");
  const { exitCode, stderr } = await scene.tspip("verify", "--lock", "app/uv.lock");
  assert.equal(exitCode, 2);
  assert.match(stderr, /app\/pyproject\.toml: tool\.uv\.default-groups is neither "all" nor a list of names/);
});

test("a file with a version is not therefore a lock of nothing", async () => {
  await using scene = await setScene();
  scene.write("policy.toml", 'version = 1\n[default]\nattestation = "require"\n');
  const { exitCode, stderr } = await scene.tspip("verify", "--lock", "policy.toml");
  assert.equal(exitCode, 2);
  assert.match(stderr, /it has nothing of a uv\.lock but its version/);
});
