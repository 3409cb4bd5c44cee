import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { commandTree, withDescendants } from "./command-tree.ts";
import { completionScript, shells } from "./completion.ts";
import { manualPage } from "./manual.ts";

const program = commandTree();

function has(command: string): boolean {
  return spawnSync(command, ["--version"]).error === undefined;
}

/** What bash would offer behind these words, the last of which is still being typed. */
function offered(...words: string[]): string[] {
  const line = `COMP_WORDS=(tspip ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _tspip; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", `${completionScript("bash", program)}\n${line}`], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout.trim().split("\n");
}

test("bash completes commands, commands below them, options and choices", { skip: !has("bash") }, () => {
  assert.deepEqual(offered("ins"), ["install"]);
  assert.deepEqual(offered("policy", "ch"), ["check"]);
  assert.ok(offered("install", "--req").includes("--requirement"));
  assert.deepEqual(offered("install", "--resolver", ""), ["uv", "pip"]);
  assert.deepEqual(offered("verify", "--color", "n"), ["never"]);
  assert.deepEqual(offered("install", "flask", "--ven"), ["--venv"]);
});

for (const shell of shells) {
  test(`the script for ${shell} knows every command and option`, () => {
    const script = completionScript(shell, program);
    for (const { path, options } of withDescendants(program)) {
      assert.ok(script.includes(path.at(-1) ?? ""), path.join(" "));
      for (const { flags } of options)
        for (const flag of flags) assert.ok(script.includes(flag.replace(/^--?/, "")), flag);
    }
  });
  test(`${shell} reads its script`, { skip: !has(shell) }, () => {
    const { status, stderr } = spawnSync(shell, ["-n"], { input: completionScript(shell, program), encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
}

test("the manual page has every command with its options, and groff reads it", { skip: !has("groff") }, () => {
  const { status, stdout, stderr } = spawnSync("groff", ["-man", "-Tascii", "-ww", "-P-cbou"], {
    input: manualPage(program, "0.1.0"),
    encoding: "utf8",
  });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /tspip install \[options\] \[requirements\.\.\.\]/);
  assert.match(stdout, /-r, --requirement file\n/);
});
