import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeWheel } from "./testing/make-wheel.ts";

const launcher = new URL("launcher.cjs", import.meta.url).pathname;
const lock = new URL("../testdata/locks/pylock.toml", import.meta.url).pathname;
const skip = !existsSync(new URL("../dist/main.cjs", import.meta.url)) && "tspip is not built: npm run build";

/** Runs the built program with a cache folder of its own. */
function setScene() {
  const caches = mkdtempSync(join(tmpdir(), "tspip-launcher-"));
  const env = { ...process.env, XDG_CACHE_HOME: caches, NODE_DISABLE_COMPILE_CACHE: "" };
  const tspip = (...argv: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...argv], { env, encoding: "utf8" });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    return stdout;
  };
  const code = join(caches, "tspip-code");
  const kept = () => (existsSync(code) ? readdirSync(code, { recursive: true, encoding: "utf8" }) : []);
  const files = () =>
    kept()
      .map((name) => join(code, name))
      .filter((path) => statSync(path).isFile());
  return { caches, code, env, files, tspip, [Symbol.dispose]: () => rmSync(caches, { recursive: true, force: true }) };
}

test("bytecode is kept for each command, for its owner alone, and read again", { skip }, () => {
  using scene = setScene();
  const first = scene.tspip("completion", "--bash");
  const [kept = ""] = scene.files();
  assert.match(kept, /main\.cjs-completion$/);
  assert.equal(statSync(kept).mode & 0o077, 0);
  const written = statSync(kept).mtimeMs;
  assert.equal(scene.tspip("completion", "--bash"), first);
  assert.equal(statSync(kept).mtimeMs, written);
  scene.tspip("--version");
  assert.ok(scene.files().some((path) => path.endsWith("main.cjs-other")));
  scene.tspip("ext", "sbom", "--lock", lock);
  assert.ok(scene.files().some((path) => path.endsWith("main.cjs-ext-lock")));
});

const wheels = Array.from({ length: 12 }, (_, at) => makeWheel({ name: `kept_${at}` }));

for (const command of ["install", "verify"]) {
  test(`bytecode of tspip ${command} is read again, although it gives V8 other settings`, { skip }, () => {
    using scene = setScene();
    for (const { filename, bytes } of wheels) writeFileSync(join(scene.caches, filename), bytes);
    const paths = wheels.map(({ filename }) => join(scene.caches, filename));
    const target = command === "install" ? ["--target", join(scene.caches, "target")] : [];
    const type = () => scene.tspip(command, "-q", "--offline", ...target, ...paths);
    const times = () => scene.files().map((path) => statSync(path).mtimeMs);
    type();
    const written = times();
    assert.ok(written.length > 0);
    type();
    assert.deepEqual(times(), written);
  });
}

test("bytecode that another V8 has made, or that is cut off, is made again", { skip }, () => {
  using scene = setScene();
  const first = scene.tspip("completion", "--bash");
  for (const spoil of [(bytes: Buffer) => bytes.fill(7, 0, 64), (bytes: Buffer) => bytes.subarray(0, 1000)]) {
    const [kept = ""] = scene.files();
    writeFileSync(kept, spoil(readFileSync(kept)));
    assert.equal(scene.tspip("completion", "--bash"), first);
    assert.ok(readFileSync(kept).length > 1000);
  }
});

test("nothing is read or kept where others may write", { skip: skip || process.platform === "win32" }, () => {
  using scene = setScene();
  scene.tspip("--version");
  for (const path of scene.files()) rmSync(path);
  chmodSync(scene.code, 0o777);
  scene.tspip("--version");
  assert.deepEqual(scene.files(), []);
});

test("nothing is kept where bytecode is not wanted, and of words that are no command", { skip }, () => {
  using scene = setScene();
  spawnSync(process.execPath, [launcher, "nonsense"], { env: scene.env });
  assert.deepEqual(scene.files(), []);
  spawnSync(process.execPath, [launcher, "--version"], { env: { ...scene.env, NODE_DISABLE_COMPILE_CACHE: "1" } });
  assert.deepEqual(scene.files(), []);
});

test("the built program loads nothing of what lies in a node_modules above it", { skip }, () => {
  using scene = setScene();
  const [program, marker] = [join(scene.caches, "project/.venv/program"), join(scene.caches, "marker")];
  for (const part of ["dist", "src/launcher.cjs", "src/load-built.cjs"])
    cpSync(new URL(`../${part}`, import.meta.url), join(program, part), { recursive: true });
  for (const name of ["xmlbuilder2", "supports-color", "pg-native", "kerberos"]) {
    const folder = join(scene.caches, "project/node_modules", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "index.js"), `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "")`);
  }
  const argv = [join(program, "src/launcher.cjs"), "ext", "sbom", "--lock", lock];
  assert.equal(spawnSync(process.execPath, argv, { env: scene.env }).status, 0);
  assert.ok(!existsSync(marker));
});

test("an empty HOME and relative folders do not lead into the working directory", {
  skip: skip || process.platform === "win32",
}, () => {
  using scene = setScene();
  const home = join(scene.caches, "home");
  const info = (env: Record<string, string>) => {
    const options = { cwd: scene.caches, env: { ...scene.env, ...env }, encoding: "utf8" } as const;
    return spawnSync(process.execPath, [launcher, "cache", "info"], options).stdout;
  };
  assert.ok(
    info({ HOME: home, XDG_CACHE_HOME: ".cache", XDG_DATA_HOME: "data" }).startsWith(`Cache: ${home}/.cache/tspip\n`),
  );
  assert.ok(info({ HOME: "", XDG_CACHE_HOME: "" }).startsWith(`Cache: ${userInfo().homedir}/.cache/tspip\n`));
  assert.deepEqual(readdirSync(scene.caches), []);
});
