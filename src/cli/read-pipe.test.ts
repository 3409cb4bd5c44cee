import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeWheel } from "../testing/make-wheel.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { readPipe } from "./read-pipe.ts";

const program = fileURLToPath(new URL("../main.ts", import.meta.url));
const skip = process.platform === "win32" ? { skip: "there are no named pipes" } : {};

test("readPipe() reads to the end, whoever comes first", skip, async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "pipe");
  execFileSync("mkfifo", [path]);
  const { signal } = new AbortController();
  const long = "long ".repeat(100_000);
  const read = readPipe(path, signal);
  await sleep(60);
  // With a reader there, opening it for writing waits for nobody.
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  closeSync(descriptor);
  const writer = spawn("sh", ["-c", 'cat > "$0"', path], { stdio: ["pipe", "ignore", "ignore"] });
  writer.stdin.end(long);
  assert.equal((await read).toString(), long);
});

test("a policy that nobody writes can be waited for no longer, with one signal", skip, async () => {
  using folder = temporaryFolder();
  execFileSync("mkfifo", [join(folder.path, "policy.toml")]);
  const { filename, bytes } = makeWheel();
  writeFileSync(join(folder.path, filename), bytes);
  const argv = ["verify", "--no-index", "--policy", "policy.toml", `./${filename}`];
  const env = { ...process.env, HOME: folder.path };
  const child = spawn(process.execPath, [program, ...argv], { cwd: folder.path, env, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await sleep(2000);
  assert.equal(child.exitCode, null, "it waits");
  child.kill("SIGTERM");
  assert.equal(await Promise.race([ended, sleep(20_000, "still there", { ref: false })]), 130);
});

test("a policy comes out of a process substitution, whether its program has ended or not", skip, () => {
  using folder = temporaryFolder();
  const env = { ...process.env, HOME: folder.path };
  const explain = (substitution: string) => {
    const script = `"$0" "$1" policy explain demo --policy <(${substitution}) 2>&1`;
    return spawnSync("bash", ["-c", script, process.execPath, program], { cwd: folder.path, env }).stdout.toString();
  };
  assert.match(explain("echo colour = 1"), /unknown.*colour|colour.*unknown/);
  assert.match(explain("sleep 1; echo colour = 1; sleep 1"), /unknown.*colour|colour.*unknown/);
  assert.match(explain("true"), /version/);
});
