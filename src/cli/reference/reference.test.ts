import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { temporaryFolder } from "../../testing/tree.ts";
import { createProgram } from "../program.ts";
import { commandTree, withDescendants } from "./command-tree.ts";
import { completionScript, shells } from "./completion.ts";
import { manualPage } from "./manual.ts";

const program = commandTree(createProgram(async () => {}));

function has(command: string): boolean {
  return spawnSync(command, ["--version"]).error === undefined;
}

/** What bash or zsh would offer behind each line, the last word of which is still being typed. */
function offered(shell: "bash" | "zsh", lines: readonly string[]): string[] {
  // As bashcompinit calls functions that are written for bash.
  const options = shell === "bash" ? "" : "emulate sh; setopt kshglob noshglob braceexpand";
  const typed = lines.map((line) => ["tspip", ...line.split(" ")]);
  const asked = typed.map((words) => {
    const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; COMPREPLY=()`;
    return `${set}; _tspip; echo "\${COMPREPLY[@]}"`;
  });
  using folder = temporaryFolder();
  // zsh writes down what it found.
  const env = { ...process.env, ZDOTDIR: folder.path };
  const script = [completionScript(shell, program), options, ...asked].join("\n");
  const { stdout, stderr } = spawnSync(shell, ["-c", script], { encoding: "utf8", env });
  assert.equal(stderr, "");
  const answers = stdout.split("\n").map((answer) => answer.split(" "));
  // zsh itself picks what begins like the last word.
  return typed.map((words, at) => answers[at]?.filter((offer) => offer.startsWith(words.at(-1) ?? "")).join(" ") ?? "");
}

for (const shell of ["bash", "zsh"] as const) {
  test(`${shell} completes commands, options and choices; names of files are its own`, { skip: !has(shell) }, () => {
    const expected = {
      ins: "install",
      "policy ch": "check",
      "install --requirem": "--requirement",
      "install --resolver ": "uv pip",
      "verify --color n": "never",
      "ext new --kind ": "inspector command",
      "policy explain --kind ": "wheel sdist",
      "install flask --ven": "--venv",
      // Names of files: values, and words of another program.
      "install -r ": "",
      "verify --lock ": "",
      "run -- uv ": "",
    };
    const lines = Object.keys(expected);
    const offers = offered(shell, lines);
    assert.deepEqual(Object.fromEntries(lines.map((line, at) => [line, offers[at]])), expected);
  });
}

test("fish completes commands, options and choices", { skip: !has("fish") }, () => {
  const offers = (line: string) => {
    const script = `${completionScript("fish", program)}\ncomplete -C '${line}'`;
    const { stdout, stderr } = spawnSync("fish", ["-N", "-c", script], { encoding: "utf8" });
    assert.equal(stderr, "");
    return stdout
      .trim()
      .split("\n")
      .map((offer) => offer.split("\t")[0]);
  };
  assert.deepEqual(offers("tspip ins"), ["install"]);
  assert.deepEqual(offers("tspip policy ch"), ["check"]);
  assert.deepEqual(offers("tspip install --resolver "), ["pip", "uv"]);
  assert.deepEqual(offers("tspip install flask --ven"), ["--venv"]);
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
