import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeAuditScene, site } from "../../testing/audit-scene.ts";
import { writeTree } from "../../testing/install-scene.ts";

const scene = await makeAuditScene();
const { whole, tspip } = scene;
after(() => scene[Symbol.dispose]());

test("audit --format github and html: words of an audit, and of no policy where none was asked", async () => {
  for (const format of ["github", "html"]) {
    const { stdout } = await tspip("audit", "--venv", whole, "--format", format);
    assert.doesNotMatch(stdout, /Allowed|built-in default/, format);
  }
  assert.match(
    (await tspip("audit", "--venv", whole, "--format", "github")).stdout,
    /^Passed: 2 distributions audited/m,
  );
});

test("audit: --fail-on decides what counts, --baseline what is known", async () => {
  const env = scene.copy("known");
  writeTree(env, { [`${site}/extra.py`]: "" });
  assert.equal((await scene.audit(env)).exitCode, 0);
  assert.equal((await scene.audit(env, "--fail-on", "warning")).exitCode, 1);
  await tspip("audit", "--venv", env, "--format", "json=known.json");
  const { exitCode, ids } = await scene.audit(env, "--fail-on", "note", "--baseline", "known.json");
  assert.deepEqual({ exitCode, ids }, { exitCode: 0, ids: [] });
  writeFileSync(join(scene.path, "broken.json"), "{");
  assert.equal((await tspip("audit", "--venv", env, "--baseline", "broken.json")).exitCode, 2);
});

test("audit: notes are counted; -v tells them, and so does --fail-on note", async () => {
  const env = scene.copy("noted");
  appendFileSync(join(env, "pyvenv.cfg"), "include-system-site-packages = true\n");
  const told = /^note\[system-packages-visible\] .*\nhint: .*\n(Passed|Failed): .* 1 note$/m;
  const unasked = await tspip("audit", "--venv", env);
  assert.match(unasked.stdout, /^Passed: .* 1 note\n$/);
  assert.match((await tspip("audit", "--venv", env, "-v")).stdout, told);
  const failed = await tspip("audit", "--venv", env, "--fail-on", "note");
  assert.equal(failed.exitCode, 1);
  assert.match(failed.stdout, told);
});

test("audit: several folders by --path; no environment is a mistake that says what to do", async () => {
  const { exitCode, stdout } = await tspip("audit", "--path", join(whole, site), "--path", join(whole, site));
  assert.equal(exitCode, 0);
  assert.match(stdout, /4 distributions audited/);
  assert.equal((await tspip("audit")).exitCode, 2);
  assert.equal((await tspip("audit", "--venv", scene.path)).exitCode, 4);
});

test("audit: an environment without packages, and a folder of packages without a version of Python in its path", async () => {
  writeTree(scene.path, { "bare/pyvenv.cfg": "" });
  assert.equal((await tspip("audit", "--venv", "bare")).exitCode, 4, "nothing to look at is no all-clear");
  mkdirSync(join(scene.path, "bare", site), { recursive: true });
  assert.equal((await scene.audit(join(scene.path, "bare"))).exitCode, 0);
  const info = "needing-1.0.dist-info";
  writeTree(scene.path, {
    [`target/${info}/METADATA`]:
      "Metadata-Version: 2.1\nName: needing\nVersion: 1.0\nRequires-Dist: backport; python_version < '3.11'\n",
    [`target/${info}/RECORD`]: `${info}/RECORD,,\n`,
  });
  const ids = async () => {
    const { stdout } = await tspip("audit", "--path", join(scene.path, "target"), "--format", "json");
    return JSON.parse(stdout).artifacts[0].findings.map(({ id }: { id: string }) => id);
  };
  assert.ok(!(await ids()).includes("dependency-unmet"));
  writeTree(scene.path, { "target/native.cpython-310-x86_64-linux-gnu.so": "" });
  assert.ok((await ids()).includes("dependency-unmet"), "it is for Python 3.10");
});

test("audit: text is grouped by finding and escapes what comes from outside", async () => {
  const env = scene.copy("odd");
  writeTree(env, { [`${site}/e\u001b[31m.py`]: "" });
  const { stdout } = await tspip("audit", "--venv", env);
  assert.match(stdout, /warning\[file-unowned\] "e\\u\{1b\}\[31m\.py" belongs to no distribution\nhint: /);
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;

test("audit and ext sbom run nothing of an environment", {
  skip: hasPython ? false : "no python3 on PATH",
}, async () => {
  const env = join(scene.path, "marked");
  execFileSync("python3", ["-m", "venv", "--without-pip", env]);
  const python = join(env, "bin/python");
  const [library = ""] = readdirSync(join(env, "lib"));
  const packages = join("lib", library, "site-packages");
  const marker = join(scene.path, "marker");
  const mark = `open(${JSON.stringify(marker)}, "w")`;
  writeTree(env, { [`${packages}/mark.pth`]: `import sys; ${mark}\n`, [`${packages}/sitecustomize.py`]: `${mark}\n` });
  for (const command of [["audit"], ["ext", "sbom"]]) {
    for (const place of [
      ["--venv", env],
      ["--path", join(env, packages)],
      ["--python", python],
    ]) {
      await tspip(...command, ...place);
      assert.ok(!existsSync(marker), [...command, ...place].join(" "));
    }
  }
  execFileSync(python, ["-c", ""]);
  assert.ok(existsSync(marker), "the marker works");
});
