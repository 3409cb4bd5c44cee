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
  assert.deepEqual(helped("key"), { status: 2, isAnswer: false });
});

test("help for what is not there is the same mistake as to type it", () => {
  for (const [argv, words] of [
    [["help", "nope"], /^error: unknown command 'nope'\n$/],
    [["help", "instal"], /^error: unknown command 'instal'\n\(Did you mean .*install.*\?\)\n$/],
    [["policy", "help", "shwo"], /^error: unknown command 'shwo'\n\(Did you mean show\?\)\n$/],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], { encoding: "utf8" });
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, words);
  }
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
