import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const main = new URL("main.ts", import.meta.url).pathname;

/** Where help goes, and how the process ends. */
function helped(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], { encoding: "utf8" });
  assert.match(stdout + stderr, /^Usage: tspip/m);
  return { status, isAnswer: stderr === "" };
}

test("help that was asked for ends well; help in the place of what was asked for does not", () => {
  for (const argv of [
    ["help", "verify"],
    ["policy", "help", "init"],
    ["key", "--help"],
  ])
    assert.deepEqual(helped(...argv), { status: 0, isAnswer: true }, argv.join(" "));
  for (const argv of [["help", "nope"], ["key"]])
    assert.deepEqual(helped(...argv), { status: 2, isAnswer: false }, argv.join(" "));
});

test("the help of all ends with what to type first, and where each command tells of its options", () => {
  const { stdout } = spawnSync(process.execPath, [main, "--help"], { encoding: "utf8" });
  const [, examples = ""] = stdout.split("\nTo begin with:\n");
  assert.deepEqual(
    examples.split("\n").flatMap((line) => line.match(/^ {2}(tspip .+?)(?: {2,}|$)/)?.[1] ?? []),
    ["tspip install --venv .venv flask", "tspip run -- uv sync", "tspip policy init", "tspip verify --lock uv.lock"],
  );
  assert.match(examples, /^tspip COMMAND --help /m);
});
