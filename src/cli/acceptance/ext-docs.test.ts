import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { python, type Scene, setScene } from "../../testing/scene.ts";

/** The examples of docs/ext.md, as they stand there. */

const page = readFileSync(new URL("../../../docs/ext.md", import.meta.url), "utf8");

/** What is under a heading: the files, by name, and the lines of the shell. */
function exampleOf(heading: string): { files: Map<string, string>; lines: string[] } {
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  const own = section.split("\n## ")[0] ?? "";
  const blocks = [...own.matchAll(/^(?:`(?<name>[^`]+)`:\n\n)?```(?<language>\w+)\n(?<content>.*?)^```$/gms)];
  const files = blocks.flatMap(({ groups }) => (groups?.name ? [[groups.name, groups.content ?? ""] as const] : []));
  const shell = blocks.find(({ groups }) => groups?.language === "sh")?.groups?.content ?? "";
  return { files: new Map(files), lines: shell.trim().split("\n") };
}

/** Types one line of the shell that begins with `tspip`. */
function type(scene: Scene, line: string) {
  const [, command = "", ...args] = line.replace(/#.*/, "").trim().split(/\s+/);
  return command === "ext" ? scene.tspipOn({}, command, ...args) : scene.tspip(command, ...args);
}

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

test("docs/ext.md: the deny list refuses what it names, and nothing else", needsPython, async () => {
  const { files, lines } = exampleOf("Example: a deny list, in Python");
  const [build = "", install = "", refused = ""] = lines;
  await using scene = await setScene();
  // The first line needs an index with setuptools; the wheel is what it makes of these files.
  assert.equal(build, "pip wheel --no-deps ./deny-list -w wheels");
  const project = files.get("deny-list/pyproject.toml") ?? "";
  const [, entryPoint = ""] = /entry-points\."pip\.plugins"\]\n(.*)\n/.exec(project) ?? [];
  const wheel = makeWheel({
    name: "deny-list",
    entryPoints: `[pip.plugins]\n${entryPoint.replaceAll('"', "")}\n`,
    files: { "deny_list.py": files.get("deny-list/deny_list.py") ?? "" },
  });
  scene.write(`wheels/${wheel.filename}`, wheel.bytes);
  assert.equal((await type(scene, install)).exitCode, 0);
  for (const name of ["deny.txt", "tspip.toml"]) scene.write(name, files.get(name) ?? "");

  for (const name of ["evil", "good"]) for (const version of ["1.0", "1.1"]) scene.offer({ name, version });
  const evil = await type(scene, refused);
  assert.equal(evil.exitCode, 1);
  assert.match(evil.stdout, /inspector "deny-list" refuses "evil-1\.0-py3-none-any\.whl": evil is on the deny list/);
  assert.equal((await scene.tspip("install", "--venv", "env", "good==1.1")).exitCode, 1);
  const { exitCode, stderr } = await scene.tspip("install", "--venv", "env", "good==1.0");
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(scene.installed(), ["good==1.0"]);
});

test("docs/ext.md: the table of licences", needsPython, async () => {
  const { files, lines } = exampleOf("Example: a table of licences, in TypeScript");
  await using scene = await setScene();
  scene.offer({ name: "mine", version: "1.0", metadata: ["License-Expression: MIT"] });
  scene.offer({ name: "nobodys", version: "1.0" });
  assert.equal((await scene.tspip("install", "--venv", "env", "mine==1.0", "nobodys==1.0")).exitCode, 0);
  for (const [name, content] of files) scene.write(name, content);
  const [sbom = "", table = ""] = lines;
  assert.equal((await type(scene, sbom)).exitCode, 0);
  const { exitCode, stdout } = await type(scene, table);
  assert.deepEqual([exitCode, stdout], [1, "mine    MIT\nnobodys unknown\n"]);
});
