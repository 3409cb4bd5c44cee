import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type FakeIndex, type OfferedFile, startFakeIndex } from "../testing/fake-index.ts";
import { faultAt, hangUp } from "../testing/index-faults.ts";
import { makeWheel, type WheelDescription } from "../testing/make-wheel.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { run } from "./run.ts";

/** Unpinned requirements, chosen by a real engine on an index on loopback, installed into a real environment. */

const python = pythonItself();
const uv = pathOf("uv");
const engines = { uv: uv !== undefined, pip: python !== undefined && hasPip(python) };
const skipWithout = (engine: keyof typeof engines) =>
  python === undefined
    ? { skip: "there is no python3 on PATH" }
    : engines[engine]
      ? {}
      : { skip: `there is no ${engine}` };

interface Scene extends AsyncDisposable {
  readonly folder: string;
  readonly index: FakeIndex;
  offer(wheel: WheelDescription, more?: Partial<OfferedFile>): void;
  write(name: string, content: string | Uint8Array): void;
  tspip(...argv: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** `NAME==VERSION` of what the environment `env` holds. */
  installed(): string[];
}

async function setScene({ path = process.env.PATH } = {}): Promise<Scene> {
  const folder = temporaryFolder();
  const index = await startFakeIndex();
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), content);
  };
  return {
    folder: folder.path,
    index,
    write,
    offer(description, more) {
      const metadata = ["Metadata-Version: 2.1", `Name: ${description.name}`, `Version: ${description.version}`];
      const coreMetadata = [...metadata, ...(description.metadata ?? []), ""].join("\n");
      index.add({ ...makeWheel(description), coreMetadata, ...more });
    },
    async tspip(command = "", ...argv) {
      const [stdout, stderr] = [capture(), capture()];
      const given = [command, "-i", index.url, "--retries", "0", ...argv];
      const exitCode = await run(given, {
        env: { PATH: path, PIP_CONFIG_FILE: "/dev/null" },
        cwd: folder.path,
        homedir: folder.path,
        platform: process.platform,
        stdout,
        stderr,
        signal: new AbortController().signal,
        now: () => new Date(),
        processors: 2,
        pid: process.pid,
        isAlive: () => true,
      });
      assert.doesNotMatch(stderr.text(), /^\s+at /m, "no stack trace");
      return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
    },
    installed() {
      const [lib = ""] = readdirSync(join(folder.path, "env/lib"));
      return readdirSync(join(folder.path, "env/lib", lib, "site-packages"))
        .flatMap((name) => /^(.+)-(.+)\.dist-info$/.exec(name)?.slice(1).join("==") ?? [])
        .sort();
    },
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

for (const engine of ["uv", "pip"] as const) {
  test(
    `install: ${engine} chooses the newest versions that fit together, with extras`,
    skipWithout(engine),
    async () => {
      await using scene = await setScene();
      scene.offer({
        name: "app",
        version: "2.0",
        metadata: ["Requires-Dist: lib<3", "Provides-Extra: more", "Requires-Dist: plug; extra == 'more'"],
      });
      for (const version of ["1.0", "2.5", "3.0"]) scene.offer({ name: "lib", version });
      scene.offer({ name: "plug", version: "0.1" });
      const { exitCode, stdout, stderr } = await scene.tspip(
        "install",
        "app[more]",
        "--venv",
        "env",
        "--resolver",
        engine,
      );
      assert.equal(exitCode, 0, stdout + stderr);
      assert.deepEqual(scene.installed(), ["app==2.0", "lib==2.5", "plug==0.1"]);
    },
  );

  test(`install: ${engine} chooses around what the policy denies`, skipWithout(engine), async () => {
    await using scene = await setScene();
    for (const version of ["1.0", "2.0"]) scene.offer({ name: "lib", version });
    scene.write("policy.toml", 'version = 1\n[floor]\ndeny = [{ name = "lib", version = ">=2" }]\n');
    const { exitCode, stderr } = await scene.tspip(
      "install",
      "lib",
      "--venv",
      "env",
      "--resolver",
      engine,
      "--policy",
      "policy.toml",
    );
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(scene.installed(), ["lib==1.0"]);
  });
}

test(
  "install: when the policy leaves nothing to choose, that is a refusal with the reason",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib>=2"] });
    for (const version of ["1.0", "2.0"]) scene.offer({ name: "lib", version });
    scene.write("policy.toml", 'version = 1\n[floor]\ndeny = [{ name = "lib", version = ">=2" }]\n');
    const { exitCode, stdout, stderr } = await scene.tspip(
      "install",
      "app",
      "--venv",
      "env",
      "--policy",
      "policy.toml",
    );
    assert.equal(exitCode, 1);
    assert.match(stdout, /refused lib-2\.0-py3-none-any\.whl\n +error\[denied-by-policy\]/);
    assert.match(stderr, /only lib==1\.0 is available/);
    assert.equal(existsSync(join(scene.folder, "env")), false);
  },
);

test("install: requirements that contradict each other are told in the engine's words", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib>=2"] });
  for (const version of ["1.0", "2.0"]) scene.offer({ name: "lib", version });
  const { exitCode, stderr } = await scene.tspip("install", "app", "lib<2", "--venv", "env");
  assert.equal(exitCode, 2);
  assert.match(stderr, /No choice of versions meets the request[\s\S]*all versions of app depend on lib>=2/);
});

test(
  "install: a pinned requirement brings its dependencies, and --no-deps leaves them out",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
    scene.offer({ name: "lib", version: "2.0" });
    await scene.tspip("install", "app==1.0", "--venv", "env", "--no-deps");
    assert.deepEqual(scene.installed(), ["app==1.0"]);
    const { exitCode, stderr } = await scene.tspip("install", "app==1.0", "--venv", "env");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(scene.installed(), ["app==1.0", "lib==2.0"]);
    const downloads = scene.index.requests.filter((request) => /files\/app.*whl$/.test(request));
    assert.equal(downloads.length, 2, "once a command");
  },
);

test(
  "install: a wheel by path brings its dependencies, and no other version of its project",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    const local = makeWheel({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
    scene.write(local.filename, local.bytes);
    scene.offer({ name: "app", version: "2.0" });
    scene.offer({ name: "lib", version: "2.0" });
    const { exitCode, stderr } = await scene.tspip("install", `./${local.filename}`, "--venv", "env");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(scene.installed(), ["app==1.0", "lib==2.0"]);
  },
);

test("install: constraints, --pre, and --upgrade over what is installed", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
  for (const version of ["1.0", "2.0", "3.0", "4.0rc1"]) scene.offer({ name: "lib", version });
  scene.write("constraints.txt", "lib<2\nunused==1.0\n");
  const versions = async (...argv: string[]) => {
    const { exitCode, stderr } = await scene.tspip("install", "app", "--venv", "env", ...argv);
    assert.equal(exitCode, 0, stderr);
    return scene.installed();
  };
  assert.deepEqual(await versions("-c", "constraints.txt"), ["app==1.0", "lib==1.0"]);
  assert.deepEqual(await versions(), ["app==1.0", "lib==1.0"], "what is there and fits is kept");
  assert.deepEqual(await versions("--upgrade"), ["app==1.0", "lib==3.0"]);
  assert.deepEqual(await versions("--upgrade", "--pre"), ["app==1.0", "lib==4.0rc1"]);
});

test("install: the metadata of a wheel is read out of it where the index serves none", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.index.add(makeWheel({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] }));
  scene.index.add(makeWheel({ name: "lib", version: "2.0" }));
  scene.index.format = "html";
  const { exitCode, stderr } = await scene.tspip("install", "app", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(scene.installed(), ["app==1.0", "lib==2.0"]);
});

test("install: metadata that differs from the wheel's does not leave a dependency out", skipWithout("uv"), async () => {
  await using scene = await setScene();
  const coreMetadata = "Metadata-Version: 2.1\nName: app\nVersion: 1.0\n";
  scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] }, { coreMetadata });
  scene.offer({ name: "lib", version: "2.0" });
  const { exitCode, stderr } = await scene.tspip("install", "app", "--venv", "env");
  assert.equal(exitCode, 2);
  assert.match(stderr, /"lib" is not in the input: "app" 1\.0 needs it/);
});

test(
  "install: an index that fails while versions are chosen is an inability, not an answer",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: lib"] });
    scene.index.fault = faultAt("/simple/lib/", hangUp);
    const { exitCode, stderr } = await scene.tspip("install", "app", "--venv", "env");
    assert.equal(exitCode, 3);
    assert.match(stderr, /Cannot reach .*\/simple\/lib\//);
  },
);

test("install: without an engine an open version is an error with the ways out", async () => {
  await using scene = await setScene({ path: "/nonexistent" });
  scene.offer({ name: "app", version: "1.0" });
  const { exitCode, stderr } = await scene.tspip("verify", "app>=1", "--python", python ?? "python3");
  assert.equal(exitCode, python === undefined ? 4 : 2);
  if (python !== undefined) assert.match(stderr, /there is no uv on PATH[\s\S]*hint: .*--resolver pip/);
});

function capture() {
  const pieces: string[] = [];
  return { isTTY: false, write: (text: string) => void pieces.push(text), text: () => pieces.join("") };
}

/** The interpreter itself: what stands on PATH may be a shim that needs a PATH to find it. */
function pythonItself(): string | undefined {
  const found = pathOf("python3");
  return found && execFileSync(found, ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
}

function pathOf(program: string): string | undefined {
  try {
    return execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

function hasPip(executable: string): boolean {
  try {
    execFileSync(executable, ["-m", "pip", "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
