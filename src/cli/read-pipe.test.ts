import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeWheel } from "../testing/make-wheel.ts";
import { authority, provenanceOf, requireAlice } from "../testing/scene.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { readPipe } from "./read-pipe.ts";

const alice = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" } as const;
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

test("a file that nobody writes can be waited for no longer, with one signal", skip, async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "policy.toml"), requireAlice);
  mkdirSync(join(folder.path, "place0"));
  writeFileSync(join(folder.path, "place0/policy.toml"), 'version = 1\n[default]\ncontinuity = { pins = "pins" }\n');
  const wheel = makeWheel();
  const { filename, bytes } = wheel;
  writeFileSync(join(folder.path, filename), bytes);
  writeFileSync(join(folder.path, `${filename}.provenance`), provenanceOf(wheel, alice));
  const verify = (...argv: string[]) => ["verify", "--no-index", ...argv];
  const commands = [
    verify("--policy", "pipe", `./${filename}`),
    verify("-r", "pipe"),
    verify("-c", "pipe", `./${filename}`),
    verify("--lock", "pipe"),
    verify("--trusted-root", "pipe", "--policy", "policy.toml", `./${filename}`),
    ["trust", "show", "--trusted-root", "pipe"],
    ["keyring", "show", "--keyring", "pipe"],
    ["sign", "--key", "pipe", filename],
    ["key", "show", "pipe"],
    ["policy", "diff", "pipe", "policy.toml"],
    ["policy", "check", "pipe"],
    ["policy", "test", "pipe"],
    ["serve", "--config", "pipe"],
    verify("--cert", "pipe", `./${filename}`),
    verify("--client-cert", "pipe", `./${filename}`),
  ];
  const unnamed = ["pins", "tspip.toml", "pyproject.toml", ".netrc", ".pip/pip.conf"].map((pipe, at) => ({
    argv: verify("--policy", pipe === "pins" ? "policy.toml" : "../policy.toml", `../${filename}`),
    cwd: join(folder.path, `place${at}`),
    pipe,
  }));
  const all = [...commands.map((argv, at) => ({ argv, cwd: folder.path, pipe: `pipe${at}` })), ...unnamed];
  const codes = await Promise.all(all.map(({ argv, cwd, pipe }) => waitedFor(argv, cwd, pipe)));
  const named = all.map(({ argv, pipe }) => `${pipe}: ${argv.join(" ")}`);
  assert.deepEqual(
    named.map((name, at) => `${name}: ${codes[at]}`),
    named.map((name) => `${name}: 130`),
  );
});

/** @returns the exit code of a command that reads a pipe, here `pipe` by name, and gets one signal */
async function waitedFor(argv: readonly string[], cwd: string, pipe: string): Promise<unknown> {
  const path = join(cwd, pipe);
  mkdirSync(dirname(path), { recursive: true });
  execFileSync("mkfifo", [path]);
  const words = argv.map((word) => (word === "pipe" ? pipe : word));
  const env = { ...process.env, HOME: cwd };
  const child = spawn(process.execPath, [program, ...words], { cwd, env, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  while (child.exitCode === null && child.signalCode === null && !isRead(path)) await sleep(50);
  child.kill("SIGTERM");
  const code = await Promise.race([ended, sleep(20_000, "still there", { ref: false })]);
  child.kill("SIGKILL");
  return code;
}

/** A pipe that nobody reads cannot be opened for writing without waiting. */
function isRead(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

test("a pipe is no place to find links in", skip, () => {
  using folder = temporaryFolder();
  execFileSync("mkfifo", [join(folder.path, "pipe")]);
  const env = { ...process.env, HOME: folder.path };
  const words = [program, "verify", "--no-index", "-f", "pipe", "demo==1.0"];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: folder.path, env, timeout: 60_000 });
  assert.equal(status, 2);
  assert.match(stderr.toString(), /Cannot look in --find-links ".*pipe": it is neither a file nor a folder\n/);
});

test("a trusted root and a policy that are asked for twice come through a pipe once", skip, () => {
  using folder = temporaryFolder();
  const wheel = makeWheel();
  const { filename, bytes } = wheel;
  writeFileSync(join(folder.path, filename), bytes);
  writeFileSync(join(folder.path, `${filename}.provenance`), provenanceOf(wheel, alice));
  writeFileSync(join(folder.path, "root.json"), authority.trustedRootJson);
  writeFileSync(join(folder.path, "policy.toml"), requireAlice);
  const env = { ...process.env, HOME: folder.path };
  const type = (words: string) =>
    spawnSync("bash", ["-c", `"$0" "$1" ${words} 2>&1`, process.execPath, program], { cwd: folder.path, env });
  const verified = type(`verify --no-index --policy policy.toml --trusted-root <(cat root.json) ./${filename}`);
  assert.equal(verified.status, 0, verified.stdout.toString());
  const compared = type("policy diff <(cat policy.toml) <(cat policy.toml)");
  assert.match(compared.stdout.toString(), /No difference in meaning/);
});

test("what never ends is given up", skip, () => {
  using folder = temporaryFolder();
  const env = { ...process.env, HOME: folder.path };
  for (const file of ["/dev/zero", "<(yes)"]) {
    const words = ["-c", `"$0" "$1" verify -r ${file} 2>&1`, process.execPath, program];
    const { status, stdout } = spawnSync("bash", words, { cwd: folder.path, env, timeout: 60_000 });
    assert.equal(status, 2);
    assert.match(stdout.toString(), /Cannot read ".*": it has not ended after 64 MiB/);
  }
  const empty = spawnSync(process.execPath, [program, "verify", "-r", "/dev/null"], { cwd: folder.path, env });
  assert.match(empty.stderr.toString(), /[Nn]othing/);
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
