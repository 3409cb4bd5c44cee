import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { python, type Scene, setScene } from "../../testing/scene.ts";

/** What `tspip ext new` makes is tried as its author would: its own test, then inside tspip. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

/** As the user would who reads what `ext new` says. */
function typeTestCommand(said: string, { folder }: Scene): void {
  const [, command = "exit 1"] = /^Test it: (.*)$/m.exec(said) ?? [];
  const env = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  execFileSync("sh", ["-c", command], { cwd: folder, env, stdio: "pipe" });
}

for (const kind of ["inspector", "command"] as const) {
  test(`ext new: ${kind} in TypeScript whose test passes, and which works`, async () => {
    await using scene = await setScene();
    const { exitCode, stdout } = await scene.tspipOn({}, "ext", "new", "my-own", "--kind", kind, "--language", "ts");
    assert.equal(exitCode, 0);
    typeTestCommand(stdout, scene);
    // What is to be written into tspip.toml stands at the end.
    scene.write("tspip.toml", stdout.slice(stdout.indexOf("[[")));
    await checkItWorks(scene, kind);
  });

  test(`ext new: ${kind} in Python whose test passes, and which works`, needsPython, async () => {
    await using scene = await setScene();
    const { stdout } = await scene.tspipOn({}, "ext", "new", "my-own", "--kind", kind, "--language", "python");
    typeTestCommand(stdout, scene);
    const module = readFileSync(join(scene.folder, "my-own/my_own.py"), "utf8");
    const project = readFileSync(join(scene.folder, "my-own/pyproject.toml"), "utf8");
    const [, group, entryPoint = ""] = /entry-points\."(.*)"\]\n(.*)\n/.exec(project) ?? [];
    const entryPoints = `[${group}]\n${entryPoint.replaceAll('"', "")}\n`;
    scene.offer({ name: "my-own", version: "0.1.0", files: { "my_own.py": module }, entryPoints });
    assert.equal((await scene.tspip("install", "--venv", "tools", "my-own==0.1.0")).exitCode, 0);
    scene.write(
      "tspip.toml",
      `[plugins]\npython = "tools/bin/python"\n${kind === "inspector" ? '[[inspector]]\nname = "my-own"\n' : ""}`,
    );
    await checkItWorks(scene, kind);
  });
}

async function checkItWorks(scene: Scene, kind: "inspector" | "command"): Promise<void> {
  if (kind === "inspector") {
    for (const name of ["good", "example-of-a-denied-project"]) scene.offer({ name });
    assert.equal((await scene.tspip("verify", "good==1.0")).exitCode, 0);
    const refused = await scene.tspip("verify", "example-of-a-denied-project==1.0");
    assert.match(refused.stdout, /inspector "my-own" refuses .*: example-of-a-denied-project is denied/);
  } else {
    const { exitCode, stdout } = await scene.tspipOn({ env: { VIRTUAL_ENV: "/env" } }, "ext", "my-own", "--shout");
    assert.deepEqual([exitCode, stdout], [0, "/ENV\n"]);
    assert.match((await scene.tspipOn({}, "ext", "--list")).stdout, /^my-own +says which environment it works on +/m);
  }
}
