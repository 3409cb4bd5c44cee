import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, python, type Scene, setScene, skipWithout } from "../../testing/scene.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";

/** Real installers behind the gate, against an index on loopback. */

const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml" };
const requireAlice =
  'version = 1\n[signers.alice]\nkind = "github"\nrepository = "acme/alice"\n[default]\nattestation = "require"\npublish = { signer = "alice" }\n';

interface Client {
  readonly name: "pip" | "uv pip" | "uv sync";
  readonly engine: "pip" | "uv";
  /** Installs `app` into `env`. */
  readonly argv: readonly string[];
}
const clients: readonly Client[] = [
  { name: "pip", engine: "pip", argv: ["env/bin/python", "-m", "pip", "install", "app"] },
  { name: "uv pip", engine: "uv", argv: ["uv", "pip", "install", "-p", "env", "app"] },
  { name: "uv sync", engine: "uv", argv: ["uv", "sync"] },
];

/** A scene with an environment, and a project that needs `app`. */
async function setClientScene({ name }: Client): Promise<Scene> {
  const scene = await setScene();
  if (name === "uv sync")
    scene.write(
      "pyproject.toml",
      '[project]\nname = "project"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["app"]\n',
    );
  else
    execFileSync(python ?? "", ["-m", "venv", ...(name === "pip" ? [] : ["--without-pip"]), join(scene.folder, "env")]);
  return scene;
}

const variables = (scene: Scene, { name }: Client) =>
  name === "uv sync"
    ? { UV_PROJECT_ENVIRONMENT: join(scene.folder, "env"), HOME: scene.folder }
    : { HOME: scene.folder };

for (const client of clients) {
  test(`run: ${client.name} installs what the policy allows`, skipWithout(client.engine), async () => {
    await using scene = await setClientScene(client);
    const [app, lib] = [
      makeWheel({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] }),
      makeWheel({ name: "lib", version: "2.0" }),
    ];
    for (const wheel of [app, lib]) scene.index.add({ ...wheel, provenance: provenanceOf(wheel, alice) });
    scene.write("policy.toml", requireAlice);
    const { exitCode, stdout, stderr } = await scene.tspipWith(
      variables(scene, client),
      "run",
      "--policy",
      "policy.toml",
      "--sbom",
      "sbom.json",
      "--",
      ...client.argv,
    );
    assert.equal(exitCode, 0, stdout + stderr);
    assert.deepEqual(
      scene.installed().filter((pin) => /^(?:app|lib)==/.test(pin)),
      ["app==1.0", "lib==2.0"],
    );
    assert.match(stderr, /published by GitHub acme\/alice[\s\S]*Allowed 2 artifacts/);
    assert.match(readFileSync(join(scene.folder, "sbom.json"), "utf8"), /"name": ?"lib"/);
  });

  for (const [what, policy, offer, finding] of [
    ["a tampered file", "", { altered: { "app/__init__.py": "import evil\n" } }, "record-mismatch"],
    ["a file without the attestation that is required", requireAlice, {}, "attestation-absent"],
    ["a file that is too young", 'version = 1\n[default]\nmin-age = "P7D"\n', {}, "too-new"],
    ["a release on the deny list", 'version = 1\n[floor]\ndeny = [{ name = "app" }]\n', {}, "denied-by-policy"],
  ] as const) {
    test(`run: ${client.name} does not get ${what}, and the cause is said`, skipWithout(client.engine), async () => {
      await using scene = await setClientScene(client);
      scene.offer(
        { name: "app", version: "1.0", ...offer },
        { provenance: null, uploadTime: new Date().toISOString() },
      );
      scene.write("policy.toml", policy === "" ? "version = 1\n[default]\n" : policy);
      const { exitCode, stderr } = await scene.tspipWith(
        variables(scene, client),
        "run",
        "--policy",
        "policy.toml",
        "--",
        ...client.argv,
      );
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, new RegExp(`refused app-1\\.0-py3-none-any\\.whl\n[^]*? +error\\[${finding}\\]`));
      assert.equal(
        existsSync(join(scene.folder, "env")) && scene.installed().some((pin) => pin.startsWith("app")),
        false,
      );
    });
  }
}

for (const client of clients) {
  test(
    `run: ${client.name} is told that a file could not be decided, and why`,
    skipWithout(client.engine),
    async () => {
      await using scene = await setClientScene(client);
      const app = makeWheel({ name: "app", version: "1.0" });
      scene.index.add({ ...app, provenance: provenanceOf(app, alice) });
      scene.index.fault = ({ url = "" }, response) => {
        if (!url.startsWith("/integrity/")) return false;
        response.writeHead(500).end();
        return true;
      };
      scene.write("policy.toml", requireAlice);
      const started = Date.now();
      const options = ["--policy", "policy.toml", "--format", "json=report.json", "--", ...client.argv];
      const { exitCode, stdout, stderr } = await scene.tspipWith(variables(scene, client), "run", ...options);
      assert.notEqual(exitCode, 0);
      assert.match(stdout + stderr, /504[\s\S]*Not decided by tspip: evidence-unavailable: [\s\S]*HTTP status 500/);
      assert.equal(JSON.parse(readFileSync(join(scene.folder, "report.json"), "utf8")).outcome, "undecided");
      assert.ok(Date.now() - started < 60_000);
    },
  );
}

test(
  "run: a lock file written behind the gate has the real URLs, and is judged before --frozen and --locked go by it",
  skipWithout("uv"),
  async () => {
    const client = { name: "uv sync", engine: "uv", argv: ["uv", "sync"] } as const;
    await using scene = await setClientScene(client);
    const app = scene.offer({ name: "app", version: "1.0" });
    const env = variables(scene, client);
    assert.equal((await scene.tspipWith(env, "run", "--", ...client.argv)).exitCode, 0);
    const lock = readFileSync(join(scene.folder, "uv.lock"), "utf8");
    assert.ok(lock.includes(`registry = "${scene.index.url}"`), lock);
    assert.ok(lock.includes(`url = "${scene.index.origin}/files/${app.filename}"`), lock);

    const frozen = await scene.tspipWith(env, "run", "--", "uv", "sync", "--frozen");
    assert.equal(frozen.exitCode, 0, frozen.stderr);
    assert.match(frozen.stderr, /Judged uv\.lock first: 1 artifact is allowed/);

    for (const file of ["uv.lock", "pyproject.toml"])
      scene.write(`sub/${file}`, readFileSync(join(scene.folder, file), "utf8"));
    const elsewhere = await scene.tspipWith(env, "run", "--", "uv", "--directory", "sub", "sync", "--frozen");
    assert.match(elsewhere.stderr, /Judged sub\/uv\.lock first: 1 artifact is allowed/);

    scene.write("policy.toml", requireAlice);
    for (const flag of ["--frozen", "--locked"]) {
      const refused = await scene.tspipWith(
        env,
        "run",
        "--policy",
        "policy.toml",
        "--",
        "uv",
        "sync",
        flag,
        "--reinstall",
      );
      assert.equal(refused.exitCode, 1, refused.stderr);
      assert.match(refused.stderr, /error\[attestation-absent\]/);
    }
  },
);

test("run: the command's own exit code and output are passed on", async () => {
  await using scene = await setScene();
  const { exitCode, stdout, stderr } = await scene.tspip("run", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
  assert.deepEqual([exitCode, stdout], [7, "out\n"]);
  assert.match(stderr, /^err\n/m);
  assert.match(stderr, /^warning: tspip does not know "sh".*warning: No file passed the gate/s);
  assert.equal((await scene.tspip("run", "--", "sh", "-c", "kill -TERM $$")).exitCode, 143);
  const absent = await scene.tspip("run", "--", "no-such-program-here");
  assert.deepEqual([absent.exitCode, /There is no program "no-such-program-here"/.test(absent.stderr)], [2, true]);
});

test("run: a wheel by path is judged before an installer takes it", skipWithout("pip"), async () => {
  await using scene = await setScene();
  execFileSync(python ?? "", ["-m", "venv", join(scene.folder, "env")]);
  const bad = makeWheel({ name: "app", version: "1.0", unlisted: { "evil.pth": "import evil\n" } });
  scene.write(bad.filename, bad.bytes);
  const argv = ["run", "--", "env/bin/python", "-m", "pip", "install", `./${bad.filename}`];
  const { exitCode, stderr } = await scene.tspipWith({ HOME: scene.folder }, ...argv);
  assert.equal(exitCode, 1);
  assert.match(stderr, /error\[record-unlisted-file\]/);
  assert.equal(
    scene.installed().some((pin) => pin.startsWith("app")),
    false,
  );
});

test("run: what leads around the gate is refused on the command line and said of files", async () => {
  await using scene = await setScene();
  for (const argv of [
    ["pip", "install", "--index-url", "https://x.example/", "a"],
    ["uv", "pip", "install", "git+https://x.example/a"],
    ["uv", "pip", "install", "a @ http:x.example/a.whl"],
    ["pip", "install", "--", "https://x.example/a.whl"],
    ["poetry", "add", "a"],
    ["poetry", "install"],
    ["python3", "-mpip", "install", "-qihttps://x.example/simple", "a"],
    ["uvx", "--from", "git+https://x.example/a", "a"],
    ["timeout", "60", "pip", "install", "--find-li", ".", "a"],
    ["sh", "-c", "pip install -i https://x.example/ a"],
    ["sudo", "pip", "install", "a"],
  ]) {
    const { exitCode, stderr } = await scene.tspip("run", "--", ...argv);
    assert.equal(exitCode, 2);
    assert.match(stderr, /leads around the gate|cannot be pointed to another index|asks its own index/);
  }
  scene.write("requirements.txt", "a @ https://x.example/a.whl\n");
  scene.write("bin/pip", "#!/bin/sh\nexit 0\n");
  execFileSync("chmod", ["+x", join(scene.folder, "bin/pip")]);
  const { exitCode, stderr } = await scene.tspip("run", "--", "./bin/pip", "install", "-r", "requirements.txt");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /warning: requirements\.txt:1: .* is fetched directly/);

  scene.write("sub/outer", "-r inner\n");
  scene.write("sub/inner", "-ihttps://x.example/\n");
  scene.write("bin/uv", "#!/bin/sh\nexit 0\n");
  scene.write("s.py", '# /// script\n# dependencies = ["a @ https://x.example/a.whl"]\n# ///\n');
  execFileSync("chmod", ["+x", join(scene.folder, "bin/uv")]);
  const nested = await scene.tspip("run", "--", "./bin/pip", "install", "-qrsub/outer");
  assert.match(nested.stderr, /warning: sub\/inner:1: .*names an index/);
  scene.write("hidden", "# notes \u2028a @ https://x.example/a.whl\n# more \\\nb @ http:x.example/b.whl\n");
  const hidden = await scene.tspip("run", "--", "./bin/uv", "pip", "sync", "hidden");
  assert.match(hidden.stderr, /"hidden" can be read in two ways, .*hidden:1: after U\+2028/);
  assert.match(hidden.stderr, /warning: hidden:3: .* is fetched directly/);
  const script = await scene.tspip("run", "--", "./bin/uv", "run", "s.py");
  assert.match(script.stderr, /warning: s\.py \(dependencies\): .* is fetched directly/);
});

test("run: the lock of a workspace is judged, from wherever in it", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.offer({ name: "a", version: "1.0" });
  const project = (name: string, needs: string) =>
    `[project]\nname = "${name}"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = [${needs}]\n`;
  scene.write("pyproject.toml", `${project("root", "")}[tool.uv.workspace]\nmembers = ["member"]\n`);
  scene.write("member/pyproject.toml", project("member", '"a"'));
  scene.write("member/inner/policy.toml", requireAlice);
  const env = { HOME: scene.folder };
  const inMember = { env, cwd: join(scene.folder, "member") };
  const locked = await scene.tspipOn(inMember, "run", "-i", scene.index.url, "--", "uv", "lock");
  assert.equal(locked.exitCode, 0, locked.stderr);
  const lock = readFileSync(join(scene.folder, "uv.lock"), "utf8");
  assert.ok(lock.includes(`${scene.index.origin}/files/`), lock);
  scene.write("member/uv.lock", 'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n');
  for (const folder of [".", "member", "member/inner"]) {
    const policy = join(scene.folder, "member/inner/policy.toml");
    const words = ["run", "-i", scene.index.url, "--trusted-root", join(scene.folder, "root.json"), "--policy", policy];
    const more = { env, cwd: join(scene.folder, folder) };
    const { exitCode, stderr } = await scene.tspipOn(
      more,
      ...words,
      "--",
      "uv",
      "sync",
      "--frozen",
      "--package",
      "member",
    );
    assert.equal(exitCode, 1, `${folder}: ${stderr}`);
    assert.match(stderr, /refused a-1\.0/);
  }
});

test("run: the lock of a script with --locked is held to the script, not to a project", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.offer({ name: "a", version: "1.0", files: { "a.py": "" } });
  const script = (needs: string) =>
    `# /// script\n# requires-python = ">=3.9"\n# dependencies = [${needs}]\n# ///\nimport a, sys; print("ran", sys.argv[1:])\n`;
  scene.write("sub/s.py", script('"a"'));
  scene.write("plain.py", 'print("plain")\n');
  const env = { HOME: scene.folder, UV_DEFAULT_INDEX: scene.index.url };
  const uv = (...argv: string[]) => scene.tspipWith(env, "run", "--", "uv", ...argv);
  const without = await uv("run", "--locked", "sub/s.py");
  assert.notEqual(without.exitCode, 0, "it has no lock");
  assert.equal((await uv("lock", "--script", "sub/s.py")).exitCode, 0);
  for (const argv of [
    ["run", "--locked", "sub/s.py", "--locked"],
    ["--directory", "sub", "run", "--locked", "s.py", "--locked"],
  ]) {
    const { exitCode, stdout, stderr } = await uv(...argv);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /ran \['--locked'\]/);
    assert.match(stderr, /Judged sub\/s\.py\.lock first: 1 artifact is allowed/);
  }
  scene.write("sub/s.py", script('"a", "b"'));
  const stale = await uv("run", "--locked", "sub/s.py");
  assert.equal(stale.exitCode, 1, stale.stderr);
  assert.doesNotMatch(stale.stdout, /ran/);
  const plain = await uv("run", "--locked", "plain.py");
  assert.deepEqual([plain.exitCode, plain.stdout], [0, "plain\n"], plain.stderr);
});

test("run: a lock is judged for the Python that the command names, or not at all", skipWithout("uv"), async () => {
  await using scene = await setScene();
  const { filename, sha256 } = scene.offer({ name: "a", version: "1.0", tag: "py3-none-any" });
  const url = `${scene.index.origin}/files/${filename}`;
  scene.write(
    "pylock.toml",
    `lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "a"\nversion = "1.0"\nindex = "${scene.index.url}"\nwheels = [{ name = "${filename}", url = "${url}", hashes = { sha256 = "${sha256}" } }]\n`,
  );
  execFileSync(python ?? "", ["-m", "venv", "--without-pip", join(scene.folder, ".venv")]);
  execFileSync(python ?? "", ["-m", "venv", "--without-pip", join(scene.folder, "other")]);
  const sync = (...argv: string[]) =>
    scene.tspipWith({ HOME: scene.folder }, "run", "--", "uv", "pip", "sync", "pylock.toml", ...argv);
  for (const argv of [
    ["--python-version", "3.7"],
    ["--python-platform=windows"],
    ["-p", "pypy"],
    ["-p", "2.99"],
    ["--no-binary", "a"],
    ["-p", ".venv", "--python=other"],
    ["-p", "."],
  ]) {
    const { exitCode, stderr } = await sync(...argv);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /leads around the gate: the lock file is judged for the wheels of an interpreter at hand/);
  }
  const other = await sync("-p", "other");
  assert.equal(other.exitCode, 0, other.stderr);
  assert.equal(
    existsSync(
      join(scene.folder, ".venv/lib", readdirSync(join(scene.folder, ".venv/lib"))[0] ?? "", "site-packages/a"),
    ),
    false,
  );
  assert.equal((await sync("-p", "3")).exitCode, 0, "the environment's own");
});

test("run: the lock of a script and a wheel by path are judged first", skipWithout("uv"), async () => {
  await using scene = await setScene();
  const { filename, bytes } = scene.offer({ name: "a", version: "1.0" });
  scene.write("policy.toml", requireAlice);
  scene.write("sub/s.py", '# /// script\n# requires-python = ">=3.9"\n# dependencies = ["a"]\n# ///\nimport a\n');
  scene.write(`sub/${filename}`, bytes);
  const home = { HOME: scene.folder };
  const locked = await scene.tspipWith(home, "run", "--", "uv", "lock", "--script", "sub/s.py");
  assert.equal(locked.exitCode, 0, locked.stderr);
  const lock = readFileSync(join(scene.folder, "sub/s.py.lock"), "utf8");
  assert.ok(lock.includes(`${scene.index.origin}/files/${filename}`), lock);
  for (const argv of [
    ["run", "sub/s.py"],
    ["--directory", "sub", "run", "--frozen", "s.py"],
    ["run", "--with", `a @ file:sub/${filename}`, "python", "-c", ""],
  ]) {
    const { exitCode, stderr } = await scene.tspipWith(home, "run", "--policy", "policy.toml", "--", "uv", ...argv);
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /refused a-1\.0.*attestation-absent/s);
  }
});

test(
  "run: an index that cannot be had is said, and the command's failure stays its own",
  skipWithout("pip"),
  async () => {
    const [client] = clients;
    if (client === undefined) return;
    await using scene = await setClientScene(client);
    const argv = ["run", "-i", "http://127.0.0.1:9/simple/", "--", ...client.argv];
    const { exitCode, stderr } = await scene.tspipWith({ ...variables(scene, client), PIP_RETRIES: "0" }, ...argv);
    assert.equal(exitCode, 1);
    assert.match(stderr, /warning: Cannot reach http:\/\/127\.0\.0\.1:9\/simple\/app\//);
  },
);
