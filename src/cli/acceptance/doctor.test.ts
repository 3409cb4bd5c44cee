import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setScene } from "../../testing/scene.ts";

const skip = spawnSync("python3", ["--version"]).status === 0 ? false : "there is no python3 on PATH";

test("tspip doctor: what is used and where each setting comes from", { skip }, async () => {
  await using scene = await setScene();
  scene.offer({ name: "pip", version: "26.0" }, { provenance: "{}" });
  scene.write("policy.toml", "version = 1\n");
  scene.write("tspip.toml", 'policy = "policy.toml"\n');
  const { exitCode, stdout, stderr } = await scene.tspipWith({ PIP_TIMEOUT: "7" }, "doctor");
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(stdout.match(/^(?:ok|wrong) .*$/gm), [
    "ok tspip",
    "ok interpreter",
    "ok index",
    "ok policy",
    "ok trusted root",
    "ok resolver",
    "ok cache",
  ]);
  assert.match(stdout, /^ {3}cpython 3\.\d+\.\d+\S*, /m);
  assert.ok(stdout.includes(`   ${scene.index.url} answers, with provenance\n`));
  assert.match(stdout, /^ {3}timeout = 7 \(PIP_TIMEOUT\)$/m);
  assert.match(stdout, /^ {3}policy\.toml \(tspip\.toml\), sha256 [0-9a-f]{64}$/m);
  assert.match(stdout, /^ {3}--trusted-root, /m);
});

test("tspip doctor: everything that is wrong is said, each with its hint; the exit code is that of the first", {
  skip,
}, async () => {
  await using scene = await setScene();
  scene.index.fault = (_, response) => {
    response.writeHead(503).end();
    return true;
  };
  scene.write("policy.toml", "version = 1\n[default]\natestation = 1\n");
  const { exitCode, stdout } = await scene.tspip("doctor", "--policy", "policy.toml", "--python", "./no-python");
  assert.equal(exitCode, 4);
  assert.deepEqual(stdout.match(/^wrong .*$/gm), [
    "wrong interpreter",
    "wrong index",
    "wrong policy",
    "wrong trusted root",
  ]);
  assert.match(stdout, /hint: Name a Python 3\.8 or newer/);
  assert.match(stdout, /did you mean "attestation"\?/);

  const json = await scene.tspip("doctor", "--format", "json", "--policy", "policy.toml");
  const diagnoses = JSON.parse(json.stdout);
  assert.deepEqual([json.exitCode, diagnoses.length], [3, 7]);
  assert.equal(diagnoses.find(({ topic }: { topic: string }) => topic === "policy").problem.exitCode, 2);
});

test("tspip doctor names the indexes of tspip.toml, what belongs to them and where that is written", {
  skip,
}, async () => {
  await using scene = await setScene();
  scene.write("tspip.toml", '[[index]]\nurl = "https://packages.example/simple"\nprojects = ["acme-*", "billing"]\n');
  const { stdout } = await scene.tspip("doctor", "--offline");
  assert.match(stdout, /^ {3}https:\/\/packages\.example\/simple\/ for acme-\*, billing \(tspip\.toml\)$/m);
});

test("tspip doctor says that others may write to the cache, which is not read then", {
  skip: skip || (process.platform === "win32" ? "modes are not Windows's" : false),
}, async () => {
  await using scene = await setScene();
  const folder = join(scene.folder, "cache");
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  const { exitCode, stdout } = await scene.tspip("doctor", "--offline", "--cache-dir", "cache");
  assert.equal(exitCode, 4);
  assert.match(stdout, /^wrong cache\n {3}.*is not used: others may write to "[^"]*cache"\n {3}hint: /m);
});

test("tspip doctor --offline asks nobody, and no password is shown", { skip }, async () => {
  await using scene = await setScene();
  const env = { PIP_EXTRA_INDEX_URL: "https://me:secret@index.example/simple" };
  const { exitCode, stdout } = await scene.tspipWith(env, "doctor", "--offline");
  assert.equal(exitCode, 0);
  assert.deepEqual(scene.index.requests, []);
  assert.match(stdout, /https:\/\/index\.example\/simple\/, not asked: --offline/);
  assert.doesNotMatch(stdout, /secret/);
});

test("tspip doctor: enabled inspectors are loaded, and one that cannot be is wrong", { skip }, async () => {
  await using scene = await setScene();
  scene.offer({ name: "pip", version: "26.0" });
  scene.write("good.mjs", 'export const provided_hooks = () => ["pre_extract"];\nexport function pre_extract() {}\n');
  const enabled = '[[inspector]]\nname = "good"\nmodule = "./good.mjs"\n';
  scene.write("tspip.toml", enabled);
  const { exitCode, stdout } = await scene.tspip("doctor");
  assert.equal(exitCode, 0);
  assert.match(stdout, /^ok inspectors\n {3}good: pre_extract$/m);
  scene.write("tspip.toml", `${enabled}[[inspector]]\nname = "bad"\nmodule = "./bad.mjs"\n`);
  const wrong = await scene.tspip("doctor");
  assert.equal(wrong.exitCode, 2);
  assert.match(
    wrong.stdout,
    /^wrong inspectors\n.*"bad" is enabled and cannot be loaded: there is no file "\.\/bad\.mjs"/m,
  );
});

test("tspip doctor: a cache that is a file is wrong, and a policy is good until the day that it says", {
  skip,
}, async () => {
  await using scene = await setScene();
  scene.write("cache", "");
  scene.write("policy.toml", "version = 1\nexpires = 2999-06-30\n");
  const asked = await scene.tspip("doctor", "--offline", "--cache-dir", "cache", "--policy", "policy.toml");
  assert.equal(asked.exitCode, 4);
  assert.match(asked.stdout, /^wrong cache\n {3}Cannot read the cache /m);
  assert.match(asked.stdout, /^ {3}good until 2999-06-30$/m);
  scene.write("policy.toml", "version = 1\nexpires = 2020-06-30\n");
  assert.match(
    (await scene.tspip("doctor", "--offline", "--policy", "policy.toml")).stdout,
    /was good until 2020-06-30/,
  );
});
