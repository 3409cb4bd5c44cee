import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { python, setScene } from "../../testing/scene.ts";

/** Paths that are not what an option is for. */

const wheel = makeWheel();
const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

async function setPlaces() {
  const scene = await setScene();
  scene.write(wheel.filename, wheel.bytes);
  mkdirSync(join(scene.folder, "folder"));
  return scene;
}

test("a folder where a file is asked for is named as one", async () => {
  await using scene = await setPlaces();
  const reading = ["-r", "-c", "--lock", "--policy"].map((option) => ["verify", option]);
  for (const command of [...reading, ["policy", "check"], ["policy", "test"], ["sign", wheel.filename, "--key"]])
    for (const place of [".", "..", "folder", scene.folder]) {
      const { exitCode, stderr } = await scene.tspipAlone(...command, place);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, /^error: Cannot read .*"[^"]+": it is a folder\n/, [...command, place].join(" "));
    }
});

test("a folder in the place of a report or an SBOM is said before anything is installed", needsPython, async () => {
  await using scene = await setPlaces();
  for (const [option, place] of [
    ["--sbom", "."],
    ["--sbom", "folder"],
    ["--format", "json=folder"],
  ] as const) {
    const install = ["install", "--no-deps", "--target", ".", option, place, wheel.filename];
    const { exitCode, stderr } = await scene.tspipAlone(...install);
    assert.equal(exitCode, 4, stderr);
    assert.match(stderr, /^error: Cannot write "[^"]+": it is a folder\n/);
    assert.ok(!existsSync(join(scene.folder, "example")));
  }
});

test("a file that has no folder to be written to says which", async () => {
  await using scene = await setPlaces();
  const { exitCode, stderr } = await scene.tspipAlone(
    "policy",
    "init",
    `./${wheel.filename}`,
    "-o",
    "not/there/p.toml",
  );
  assert.equal(exitCode, 4);
  assert.match(stderr, /error: Cannot write ".*p\.toml": there is no folder ".*not\/there"/);
});

test("a lock file that cannot be written is said before anything is asked for", async () => {
  await using scene = await setPlaces();
  mkdirSync(join(scene.folder, "pylock.toml"));
  for (const [output, why] of [
    ["pylock.toml", /^error: Cannot write ".*": it is a folder\n/],
    ["not/there/pylock.toml", /^error: Cannot write ".*": there is no folder "/],
  ] as const) {
    const { exitCode, stderr } = await scene.tspip("lock", "example", "-o", output);
    assert.equal(exitCode, 4, stderr);
    assert.match(stderr, why);
  }
  assert.deepEqual(scene.index.requests, []);
});

test("a file that is written again is whole when the disk takes no more", {
  skip: process.platform === "win32" || !existsSync(new URL("../../../dist/main.cjs", import.meta.url)),
}, async () => {
  await using scene = await setPlaces();
  const launcher = new URL("../../launcher.cjs", import.meta.url).pathname;
  const before = JSON.stringify({ notes: "n".repeat(4000) });
  scene.write("report.json", before);
  chmodSync(join(scene.folder, "report.json"), 0o640);
  const verify = (limit: string) => {
    const argv = ["verify", "--offline", "--no-cache-dir", `./${wheel.filename}`, "--format", "json=report.json"];
    const script = `ulimit -f ${limit} && exec "$0" "$@"`;
    const env = {
      PATH: process.env.PATH,
      HOME: scene.folder,
      PIP_CONFIG_FILE: "/dev/null",
      NODE_DISABLE_COMPILE_CACHE: "1",
    };
    return spawnSync("sh", ["-c", script, process.execPath, launcher, ...argv], { cwd: scene.folder, env });
  };
  assert.notEqual(verify("1").status, 0);
  assert.equal(readFileSync(join(scene.folder, "report.json"), "utf8"), before);
  assert.equal(verify("unlimited").status, 0);
  assert.match(readFileSync(join(scene.folder, "report.json"), "utf8"), /tspip-report/);
  assert.equal(statSync(join(scene.folder, "report.json")).mode & 0o777, 0o640);
});

test("a folder where a file system makes none ends the download", {
  skip:
    existsSync("/proc/self") && existsSync(new URL("../../../dist/main.cjs", import.meta.url))
      ? false
      : "no /proc, or not built",
}, async () => {
  await using scene = await setPlaces();
  const launcher = new URL("../../launcher.cjs", import.meta.url).pathname;
  const words = [
    "download",
    "--offline",
    "--no-cache-dir",
    `./${wheel.filename}`,
    "-d",
    "/proc/no-such-process/folder",
  ];
  // What hangs here hears no signal.
  const { status, stderr } = spawnSync(process.execPath, [launcher, ...words], {
    cwd: scene.folder,
    env: { PATH: process.env.PATH, HOME: scene.folder, PIP_CONFIG_FILE: "/dev/null" },
    encoding: "utf8",
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  assert.equal(status, 4, stderr);
  assert.match(stderr, /error: Cannot write to the folder/);
});

test("an empty word is a mistake, and not the working directory", async () => {
  await using scene = await setPlaces();
  for (const [argument, ...argv] of [
    ["requirements", "verify", ""],
    ["requirements", "install", "--target", "site", `./${wheel.filename}`, ""],
    ["file", "key", "new", "--no-passphrase", ""],
    ["files", "sign", "--key", "k", ""],
    ["files", "policy", "check", ""],
    ["project", "policy", "explain", ""],
    ["names", "uninstall", ""],
    ["command", "run", "--", ""],
  ] as const) {
    const { exitCode, stderr } = await scene.tspipAlone(...argv);
    const [said] = stderr.split("\n");
    assert.deepEqual([exitCode, said], [2, `error: The argument "${argument}" is empty`], argv.join(" "));
  }
  const passed = await scene.tspipAlone(
    "run",
    "--",
    process.execPath,
    "-e",
    "process.exitCode = process.argv.length",
    "",
  );
  assert.equal(passed.exitCode, 2, "node and the empty word");
});

test("a file that holds something else than is asked for is named", async () => {
  await using scene = await setPlaces();
  await scene.tspipAlone("key", "new", "k", "--no-passphrase");
  for (const [code, words, ...argv] of [
    [3, /^error: .*k\.pub: .*keyring file cannot be read/, "keyring", "show", "--keyring", "k.pub"],
    [3, /^error: .*k\.pub: Cannot use the trusted root: /, "trust", "show", "--trusted-root", "k.pub"],
    [2, /^error: ".*k\.pub" is no root of a TUF/, "trust", "update", "--mirror", scene.index.url, "--root", "k.pub"],
    [2, /^error: Cannot use .* "k\.pub": it holds no private key\n/m, "sign", "--key", "k.pub", wheel.filename],
    [4, /^error: Cannot write "a\/b": there is no folder ".*\/a"\n/, "key", "new", "a/b", "--no-passphrase"],
  ] as const) {
    const { exitCode, stderr } = await scene.tspipAlone(...argv);
    assert.match(stderr, words);
    assert.equal(exitCode, code, stderr);
  }
});

test("publish and attest take files: what an index or a server has is no file of theirs", async () => {
  await using scene = await setPlaces();
  scene.index.add(wheel);
  for (const command of ["publish", "attest"])
    for (const word of ["example", "example==1.0", "folder", `${scene.index.origin}/files/${wheel.filename}`]) {
      const { exitCode, stderr } = await scene.tspipOn({ env: { SIGSTORE_ID_TOKEN: "x" } }, command, word);
      assert.equal(exitCode, 2, stderr);
      assert.match(
        stderr,
        new RegExp(`^error: Cannot ${command} ".*": it is no file of this machine\\nhint: Name wheels`),
      );
    }
  assert.deepEqual(scene.index.requests, []);
});
