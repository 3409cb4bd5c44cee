import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { install } from "../install/install.ts";
import { makeEnvironment, makeItem, quietly, writeTree } from "../testing/install-scene.ts";
import { temporaryFolder } from "../testing/tree.ts";
import type { Host } from "./host.ts";
import type { Report } from "./report.ts";
import { run } from "./run.ts";

/** An environment with two distributions, tampered with in every way there is; the interpreter is never needed. */

const folder = temporaryFolder();
const whole = join(folder.path, "whole");

before(async () => {
  const environment = makeEnvironment(whole);
  const items = [
    await makeItem(
      {
        entryPoints: "[console_scripts]\nexample = example:main\n",
        files: {
          "example/__init__.py": "",
          "example/data.bin": Buffer.alloc(5 << 20),
          "example/sub/mod.py": "x = 1\n",
        },
      },
      join(folder.path, "quarantine"),
    ),
    await makeItem({ name: "other", metadata: ["Requires-Dist: example>=1.0"] }, join(folder.path, "quarantine")),
  ];
  await install(items, environment, quietly());
});
after(() => folder[Symbol.dispose]());

async function tspip(...argv: string[]) {
  const pieces: string[] = [];
  const silent = { isTTY: false, write() {} };
  const host: Host = {
    env: {},
    cwd: folder.path,
    homedir: folder.path,
    platform: "linux",
    stdout: { isTTY: false, write: (text) => void pieces.push(text) },
    stderr: silent,
    signal: new AbortController().signal,
    now: () => new Date(),
    processors: 2,
    pid: process.pid,
    isAlive: () => true,
  };
  const exitCode = await run(argv, host);
  return { exitCode, stdout: pieces.join("") };
}

async function audit(venv: string, ...argv: string[]): Promise<{ exitCode: number; ids: string[] }> {
  const { exitCode, stdout } = await tspip("audit", "--venv", venv, "--format", "json", ...argv);
  const { findings, artifacts }: Report = JSON.parse(stdout);
  const all = [...findings, ...artifacts.flatMap((artifact) => artifact.findings)];
  return { exitCode, ids: all.map(({ id, severity }) => `${severity} ${id}`) };
}

test("audit: an environment as tspip installed it has nothing to say, compiled files and all", async () => {
  writeTree(whole, { "lib/python3.13/site-packages/example/__pycache__/__init__.cpython-313.pyc": "" });
  assert.deepEqual(await audit(whole), { exitCode: 0, ids: [] });
});

const site = "lib/python3.13/site-packages";

/** Each tampers with one thing; the path is that of the environment. */
const tampers: Readonly<Record<string, readonly [finding: string, tamper: (env: string) => void]>> = {
  "a module is edited": ["error file-changed", (env) => appendFileSync(join(env, site, "example/__init__.py"), "#")],
  "a large file is edited at its end": [
    "error file-changed",
    (env) => appendFileSync(join(env, site, "example/data.bin"), "x"),
  ],
  "a script is edited": ["error file-changed", (env) => appendFileSync(join(env, "bin/example"), "#")],
  "METADATA is edited": [
    "error file-changed",
    (env) => appendFileSync(join(env, site, "example-1.0.dist-info/METADATA"), "\n"),
  ],
  "the receipt is edited": [
    "error file-changed",
    (env) => appendFileSync(join(env, site, "example-1.0.dist-info/tspip.json"), "\n"),
  ],
  "a module is gone": ["error file-missing", (env) => rmSync(join(env, site, "example/sub/mod.py"))],
  "a package is gone": ["error file-missing", (env) => rmSync(join(env, site, "example"), { recursive: true })],
  "a script is gone": ["error file-missing", (env) => rmSync(join(env, "bin/example"))],
  "a module is a folder now": [
    "error file-unreadable",
    (env) => {
      rmSync(join(env, site, "example/sub/mod.py"));
      mkdirSync(join(env, site, "example/sub/mod.py"));
    },
  ],
  "a module is added to a package": [
    "warning file-unowned",
    (env) => writeFileSync(join(env, site, "example/extra.py"), ""),
  ],
  "a package is added": ["warning file-unowned", (env) => writeTree(env, { [`${site}/evil/__init__.py`]: "" })],
  "a compiled module without source is added": [
    "warning file-unowned",
    (env) => writeTree(env, { [`${site}/example/__pycache__/evil.cpython-313.pyc`]: "" }),
  ],
  "a .pth file runs code": [
    "error startup-code",
    (env) => writeTree(env, { [`${site}/zz.pth`]: "# harmless\nimport os; os.system('true')\n" }),
  ],
  "a .pth file of virtualenv's name runs other code": [
    "error startup-code",
    (env) => writeTree(env, { [`${site}/_virtualenv.pth`]: "import _virtualenv, evil\n" }),
  ],
  "sitecustomize is added": ["error startup-code", (env) => writeTree(env, { [`${site}/sitecustomize.py`]: "" })],
  "usercustomize is added as a package": [
    "error startup-code",
    (env) => writeTree(env, { [`${site}/usercustomize/__init__.py`]: "" }),
  ],
  "a second version lies beside the first": [
    "error duplicate-distribution",
    (env) =>
      writeTree(env, {
        [`${site}/example-0.9.dist-info/METADATA`]: "Metadata-Version: 2.1\nName: example\nVersion: 0.9\n",
        [`${site}/example-0.9.dist-info/RECORD`]: "example-0.9.dist-info/METADATA,,\nexample-0.9.dist-info/RECORD,,\n",
      }),
  ],
  "RECORD is gone": [
    "warning installed-record-absent",
    (env) => rmSync(join(env, site, "example-1.0.dist-info/RECORD")),
  ],
  "METADATA is gone": [
    "error installed-unreadable",
    (env) => rmSync(join(env, site, "example-1.0.dist-info/METADATA")),
  ],
  "RECORD cannot be read": [
    "error installed-unreadable",
    (env) => appendFileSync(join(env, site, "example-1.0.dist-info/RECORD"), '"x"y,,\n'),
  ],
  "RECORD lists what lies outside": [
    "error record-path-outside",
    (env) => appendFileSync(join(env, site, "example-1.0.dist-info/RECORD"), "../../../../../etc/passwd,,\n"),
  ],
  "a package is replaced by a link": [
    "warning link-outside",
    (env) => symlinkSync("/tmp", join(env, site, "elsewhere")),
  ],
  "a link leads nowhere": ["warning link-outside", (env) => symlinkSync("nowhere", join(env, site, "dangling"))],
  "a module is writable by everybody": [
    "warning file-world-writable",
    (env) => chmodSync(join(env, site, "example/__init__.py"), 0o666),
  ],
  "the receipt is another distribution's": [
    "error receipt-mismatch",
    (env) =>
      copyFileSync(
        join(env, site, "other-1.0.dist-info/tspip.json"),
        join(env, site, "example-1.0.dist-info/tspip.json"),
      ),
  ],
  "the receipt is gone": ["note receipt-absent", (env) => rmSync(join(env, site, "example-1.0.dist-info/tspip.json"))],
  "a dependency is gone": [
    "warning dependency-unmet",
    (env) => {
      for (const name of ["example", "example-1.0.dist-info"]) rmSync(join(env, site, name), { recursive: true });
    },
  ],
  "it says that it came from a folder": [
    "note direct-install",
    (env) =>
      writeTree(env, {
        [`${site}/other-1.0.dist-info/direct_url.json`]: '{"url":"file:///src","dir_info":{"editable":true}}',
      }),
  ],
};

for (const [what, [expected, tamper]] of Object.entries(tampers)) {
  test(`audit: ${what}: ${expected}`, async () => {
    const env = join(folder.path, "tampered");
    cpSync(whole, env, { recursive: true });
    tamper(env);
    const { exitCode, ids } = await audit(env);
    assert.ok(ids.includes(expected), ids.join());
    assert.equal(exitCode, ids.some((id) => id.startsWith("error")) ? 1 : 0);
    rmSync(env, { recursive: true });
  });
}

test("audit: --fail-on decides what counts, --baseline what is known", async () => {
  const env = join(folder.path, "known");
  cpSync(whole, env, { recursive: true });
  writeTree(env, { [`${site}/extra.py`]: "" });
  assert.equal((await audit(env)).exitCode, 0);
  assert.equal((await audit(env, "--fail-on", "warning")).exitCode, 1);
  await tspip("audit", "--venv", env, "--format", "json=known.json");
  assert.deepEqual(await audit(env, "--fail-on", "note", "--baseline", "known.json"), { exitCode: 0, ids: [] });
  writeFileSync(join(folder.path, "broken.json"), "{");
  assert.equal((await tspip("audit", "--venv", env, "--baseline", "broken.json")).exitCode, 2);
});

test("audit: several folders by --path; no environment is a mistake that says what to do", async () => {
  const { exitCode, stdout } = await tspip("audit", "--path", join(whole, site), "--path", join(whole, site));
  assert.equal(exitCode, 0);
  assert.match(stdout, /4 distributions audited/);
  assert.equal((await tspip("audit")).exitCode, 2);
  assert.equal((await tspip("audit", "--venv", folder.path)).exitCode, 4);
});

test("audit: text is grouped by finding and escapes what comes from outside", async () => {
  const env = join(folder.path, "odd");
  cpSync(whole, env, { recursive: true });
  writeTree(env, { [`${site}/e\u001b[31m.py`]: "" });
  const { stdout } = await tspip("audit", "--venv", env);
  assert.match(stdout, /warning\[file-unowned\] "e\\u\{1b\}\[31m\.py" belongs to no distribution\nhint: /);
});

test("ext sbom: the same document each time, in both versions of CycloneDX, from a file or on stdout", async () => {
  const { exitCode, stdout } = await tspip("ext", "sbom", "--venv", whole);
  assert.equal(exitCode, 0);
  const bom = JSON.parse(stdout);
  assert.deepEqual([bom.specVersion, bom.components.length], ["1.6", 2]);
  await tspip("ext", "sbom", "--venv", whole, "-o", "out.json");
  assert.equal(readFileSync(join(folder.path, "out.json"), "utf8"), stdout);
  assert.equal(
    JSON.parse((await tspip("ext", "sbom", "--venv", whole, "--spec-version", "1.7")).stdout).specVersion,
    "1.7",
  );
  assert.match((await tspip("ext", "--list")).stdout, /^sbom {2}/);
  assert.ok(existsSync(join(folder.path, "out.json")));
});
