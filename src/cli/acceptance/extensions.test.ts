import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { python, type Scene, setScene } from "../../testing/scene.ts";

/** `tspip ext`: extension commands of tspip.toml, of an environment and of PATH. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

/** Writes a program into `bin`, and gives the variables under which it is found. */
function withProgram(scene: Scene, name: string, script: string): { PATH: string } {
  scene.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(join(scene.folder, "bin", name), 0o755);
  return { PATH: `${join(scene.folder, "bin")}${delimiter}${process.env.PATH}` };
}

/** What an extension in Python is told, and what it returns. */
const asInRfc = `
import json, os, sys

def description() -> str:
    return "says what it was told"

class cli:
    @staticmethod
    def main(args):
        told = {key: value for key, value in os.environ.items() if key.startswith("TSPIP_")}
        print(json.dumps({"args": args, "argv": sys.argv, "prefix": sys.prefix, "told": told}))
        return len(args)
`;

async function setPythonScene(files: Readonly<Record<string, string>>, entryPoints: string): Promise<Scene> {
  const scene = await setScene();
  scene.offer({ name: "tools", files, entryPoints: `[pip.ext]\n${entryPoints}\n`, metadata: ["Summary: Some tools"] });
  assert.equal((await scene.tspip("install", "--venv", "env", "tools==1.0")).exitCode, 0);
  return scene;
}

test(
  "ext NAME: a Python extension gets its arguments untouched and is told where things are",
  needsPython,
  async () => {
    await using scene = await setPythonScene({ "say.py": asInRfc }, "say = say");
    scene.write("tspip.toml", 'policy = "rules/policy.toml"\n');
    const args = ["--list", "-x", "--", "--policy", "a b", "", "--help"];
    const { exitCode, stdout } = await scene.tspipOn({}, "ext", "--venv", "env", "say", ...args);
    assert.equal(exitCode, args.length);
    const said = JSON.parse(stdout);
    assert.deepEqual(said.args, args);
    assert.deepEqual(said.argv, ["tspip ext say", ...args]);
    assert.equal(said.prefix, join(scene.folder, "env"));
    assert.deepEqual(said.told, {
      TSPIP_ENVIRONMENT: join(scene.folder, "env"),
      TSPIP_EXTENSION: "say",
      TSPIP_POLICY: join(scene.folder, "rules/policy.toml"),
      TSPIP_PYTHON: join(scene.folder, "env/bin/python"),
      TSPIP_VERSION: said.told.TSPIP_VERSION,
    });
  },
);

for (const [form, files, entryPoint] of [
  ["a module cli beside it", { "tool/__init__.py": "", "tool/cli.py": "def main(args): return 7\n" }, "tool"],
  ["the name of a module", { "tool.py": "cli = 'other'\n", "other.py": "def main(args): return 7\n" }, "tool"],
  ["a cli that is called", { "tool.py": "def cli(args): return 7\n" }, "tool"],
  ["a function", { "tool.py": "def go(args): raise SystemExit(7)\n" }, "tool:go"],
] as const) {
  test(`ext NAME: a Python extension whose entry point leads to ${form}`, needsPython, async () => {
    await using scene = await setPythonScene(files, `tool = ${entryPoint}`);
    assert.equal((await scene.tspipOn({ env: { VIRTUAL_ENV: join(scene.folder, "env") } }, "ext", "tool")).exitCode, 7);
  });
}

test("ext NAME: a JavaScript extension runs when tspip.toml names it, and its exit code is passed on", async () => {
  await using scene = await setScene();
  scene.write(
    "hello.ts",
    'export const description = "says hello";\nexport async function main(args: string[]): Promise<number> {\n  console.log("hello", args.join("|"), process.env.TSPIP_EXTENSION);\n  return 5;\n}\n',
  );
  assert.equal((await scene.tspipOn({}, "ext", "hello")).exitCode, 2);
  scene.write("tspip.toml", '[[extension]]\nname = "hello"\nmodule = "./hello.ts"\n');
  const { exitCode, stdout } = await scene.tspipOn({}, "ext", "hello", "--format", "-v", "--", "x");
  assert.deepEqual([exitCode, stdout], [5, "hello --format|-v|--|x hello\n"]);

  scene.write("tspip.toml", `[[extension]]\nname = "hello"\nmodule = "./hello.ts"\nsha256 = "${"0".repeat(64)}"\n`);
  const changed = await scene.tspipOn({}, "ext", "hello");
  assert.equal(changed.exitCode, 2);
  assert.match(changed.stderr, /Extension "hello" is enabled and cannot be loaded: it has sha256 [0-9a-f]{64}/);
});

test("ext NAME: programs on PATH, tspip-NAME before pip-NAME, and none of the working directory", async () => {
  await using scene = await setScene();
  withProgram(scene, "pip-both", "echo pip; exit 3");
  withProgram(scene, "tspip-both", 'echo "tspip $@"; exit 4');
  const env = withProgram(scene, "pip-audit", 'echo "audit $@"; exit 9');
  const both = await scene.tspipOn({ env }, "ext", "both", "--help");
  assert.deepEqual([both.exitCode, both.stdout], [4, "tspip --help\n"]);
  assert.match(
    both.stderr,
    /warning: There are several extensions "both": the one of .*tspip-both runs, not that of .*pip-both/,
  );
  const audit = await scene.tspipOn({ env }, "ext", "audit", "-r", "requirements.txt");
  assert.deepEqual([audit.exitCode, audit.stdout, audit.stderr], [9, "audit -r requirements.txt\n", ""]);

  scene.write("tspip-here", "#!/bin/sh\necho here\n");
  chmodSync(join(scene.folder, "tspip-here"), 0o755);
  const here = await scene.tspipOn({ env: { PATH: `.${delimiter}${delimiter}${env.PATH}` } }, "ext", "here");
  assert.equal(here.exitCode, 2);
  assert.match(
    (await scene.tspipOn({ env }, "ext", "audti")).stderr,
    /no extension command "audti"; did you mean "audit"\?/,
  );
});

test("ext NAME: an extension that a signal ends, and one that answers a signal", async () => {
  await using scene = await setScene();
  const env = withProgram(scene, "tspip-dies", "kill -KILL $$");
  assert.equal((await scene.tspipOn({ env }, "ext", "dies")).exitCode, 137);

  withProgram(scene, "tspip-waits", "trap 'echo got TERM; exit 21' TERM\necho ready\nwhile :; do sleep 0.1; done");
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, "ext", "waits"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    if (stdout === "ready\n") child.kill("SIGTERM");
  });
  const [code] = await once(child, "close");
  assert.deepEqual([code, stdout], [21, "ready\ngot TERM\n"]);
});

test("ext --list: a table of all there are, as JSON too; nothing of an environment runs", needsPython, async () => {
  const noisy = `${asInRfc}\nopen("loaded", "w")\n`;
  await using scene = await setPythonScene(
    { "say.py": noisy, "late.py": "def description(): return 'x'.upper()\n" },
    "say = say\nlate = late\nsbom = say",
  );
  scene.write("hello.mjs", 'export function description() { return "says\\u001b[31m hello"; }\n');
  scene.write("tspip.toml", '[[extension]]\nname = "hello"\nmodule = "./hello.mjs"\n');
  const env = { ...withProgram(scene, "pip-thing", "exit 1"), VIRTUAL_ENV: join(scene.folder, "env") };
  const { stdout, stderr } = await scene.tspipOn({ env }, "ext", "--list", "--format", "json");
  const listed: { command: string; description: string; origin: string }[] = JSON.parse(stdout);
  const find = (name: string) => listed.find(({ command }) => command === name);
  assert.deepEqual(find("say"), { command: "say", description: "says what it was told", origin: "tools 1.0" });
  assert.deepEqual(find("late"), { command: "late", description: "Some tools", origin: "tools 1.0" });
  assert.deepEqual(find("hello"), { command: "hello", description: "says\u001b[31m hello", origin: "./hello.mjs" });
  assert.deepEqual(find("thing"), { command: "thing", description: "", origin: join(scene.folder, "bin/pip-thing") });
  assert.match(stderr, /warning: There are several extensions "sbom": the one of tspip runs, not that of tools 1\.0/);
  const text = (await scene.tspipOn({ env }, "ext", "--list")).stdout;
  assert.match(
    text,
    /^command +description +origin\nnew +.* tspip\nsbom +.* tspip\nhello +says\\u\{1b\}\[31m hello +\.\/hello\.mjs\n/,
  );
});

test("ext new: never writes over what is there", async () => {
  await using scene = await setScene();
  scene.write("mine/file", "");
  const { exitCode, stderr } = await scene.tspipOn({}, "ext", "new", "mine", "--kind", "command", "--language", "ts");
  assert.equal(exitCode, 2);
  assert.match(stderr, /There is a "mine" already/);
});
