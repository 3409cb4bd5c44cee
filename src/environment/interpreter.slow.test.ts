import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { checkNotManaged, environmentOf, makeVenv, openVenv } from "./environment.ts";
import { askInterpreter } from "./interpreter.ts";
import { interpreterFactsScript } from "./interpreter-facts.ts";

/** Every Python that can be found: the one on PATH, pyenv's, the distributor's. */
function pythons(): string[] {
  const pyenv = join(homedir(), ".pyenv", "versions");
  const versions = existsSync(pyenv) ? readdirSync(pyenv).filter((name) => /^3\.(?:[89]|1\d)\./.test(name)) : [];
  const candidates = ["python3", "/usr/bin/python3", ...versions.map((name) => join(pyenv, name, "bin", "python"))];
  return candidates.filter((executable) => {
    try {
      execFileSync(executable, ["-c", "import venv"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

/** What a normal start, with `site`, says. */
function normalStart(executable: string) {
  const script = `
import json, platform, sys, sysconfig
of_platform = "machine", "python_implementation", "release", "system", "version"
markers = {"platform_" + name: getattr(platform, name)() for name in of_platform}
markers["python_full_version"] = platform.python_version()
print(json.dumps([sysconfig.get_paths(), sys.prefix, sys.base_prefix, markers]))
`;
  const [paths, prefix, basePrefix, markers] = JSON.parse(
    execFileSync(executable, ["-c", script], { encoding: "utf8" }),
  );
  return {
    purelib: paths.purelib,
    platlib: paths.platlib,
    scripts: paths.scripts,
    data: paths.data,
    prefix,
    basePrefix,
    markers,
  };
}

test("askInterpreter() says of every Python and its virtual environments what a normal start would", async (context: TestContext) => {
  const found = pythons();
  if (found.length === 0) return context.skip("there is no Python 3.8 or newer");
  for (const executable of found) {
    using folder = temporaryFolder();
    const base = await askInterpreter(executable, process.env);
    const { interpreter } = await makeVenv(join(folder.path, "env"), base, process.env);
    for (const asked of [base, interpreter]) {
      const { schemes, prefix, basePrefix } = asked;
      const { headers, ...compared } = schemes;
      const { markers, ...places } = normalStart(asked.executable);
      assert.deepEqual({ ...compared, prefix, basePrefix }, places, asked.executable);
      assert.deepEqual({ ...asked.markers, ...markers }, asked.markers, asked.executable);
      assert.ok(headers.includes("include"));
    }
    // As pip's own scheme has it (pip/_internal/locations/_sysconfig.py).
    const { prefix, version } = interpreter;
    assert.equal(interpreter.schemes.headers, join(prefix, "include", "site", `python${version.join(".")}`));
    assert.equal(interpreter.version.join("."), interpreter.markers.python_version);
  }
});

test("what an interpreter says of a virtual environment is the same where it knows it from the start, as from 3.14 on", async (context: TestContext) => {
  const [executable] = pythons();
  if (executable === undefined) return context.skip("there is no Python 3.8 or newer");
  using folder = temporaryFolder();
  const env = join(folder.path, "env");
  const { interpreter } = await makeVenv(env, await askInterpreter(executable, process.env), process.env);
  const say = (before: string) =>
    JSON.parse(
      execFileSync(interpreter.executable, ["-I", "-S", "-c", before + interpreterFactsScript], { encoding: "utf8" }),
    );
  const facts = say(`import sys\nsys.prefix = sys.exec_prefix = ${JSON.stringify(env)}\n`);
  assert.deepEqual(facts, say(""));
  assert.equal(facts.prefix, env);
});

test("asking an environment runs none of its code", async (context: TestContext) => {
  const [executable] = pythons();
  if (executable === undefined) return context.skip("there is no Python 3.8 or newer");
  using folder = temporaryFolder();
  const { schemes } = await makeVenv(
    join(folder.path, "env"),
    await askInterpreter(executable, process.env),
    process.env,
  );
  const marker = join(folder.path, "ran");
  writeFileSync(join(schemes.purelib, "hook.pth"), `import pathlib; pathlib.Path(${JSON.stringify(marker)}).touch()\n`);
  writeFileSync(join(schemes.purelib, "sitecustomize.py"), `open(${JSON.stringify(marker)}, "w")\n`);
  await openVenv(join(folder.path, "env"), process.env);
  assert.equal(existsSync(marker), false);
});

test("what is no interpreter, and what is no environment, is said", async () => {
  using folder = temporaryFolder();
  await assert.rejects(askInterpreter("no-such-python", process.env), {
    code: "no-interpreter",
    message: /no such program/,
  });
  mkdirSync(join(folder.path, "empty"));
  await assert.rejects(openVenv(join(folder.path, "empty"), process.env), { code: "not-a-venv" });
});

test("checkNotManaged() gives the distributor's words, for a base environment only", async (context: TestContext) => {
  const [executable] = pythons();
  if (executable === undefined) return context.skip("there is no Python 3.8 or newer");
  const interpreter = { ...(await askInterpreter(executable, process.env)), externallyManaged: "Use apt" };
  const base = environmentOf({ ...interpreter, basePrefix: interpreter.prefix });
  assert.throws(() => checkNotManaged(base), { code: "externally-managed", message: /Use apt/ });
  checkNotManaged({ ...base, kind: "venv" });
});
