import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { readCases, readText, type TestCase } from "../../testing/case.ts";
import { makeFakeEnvironment } from "../../testing/fake-interpreter.ts";
import { snapshot, temporaryFolder } from "../../testing/tree.ts";
import { typeCommand } from "../../testing/type-command.ts";
import { makeWheelOf } from "../../testing/wheel-case.ts";
import { ownReading } from "../../testing/zip-oracles.ts";
import type { Report } from "../report/report.ts";

/** Every case of testdata/wheel through the commands that a user types. */

const cases = readCases(new URL("../../../testdata/wheel/", import.meta.url));
const hostile = cases.filter(({ expect }) => expect !== undefined);
const valid = cases.filter(({ expect }) => expect === undefined);

/** Deep enough that no `..` of a case leaves it. */
const scene = temporaryFolder();
const home = join(scene.path, "a", "b", "c", "home");
const temporary = join(scene.path, "a", "tmp");
const usualTemporary = process.env.TMPDIR;

before(() => {
  for (const folder of [home, temporary]) mkdirSync(folder, { recursive: true });
  process.env.TMPDIR = temporary;
});
after(() => {
  if (usualTemporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usualTemporary;
  scene[Symbol.dispose]();
});

test(`verify refuses ${hostile.length} hostile wheels, each with its finding, and leaves no file`, async () => {
  const files = hostile.map(writeWheel);
  const before = snapshot(scene.path);
  const { exitCode, stdout } = await tspip("verify", "--no-deps", "--format", "json", ...files);
  assert.equal(exitCode, 1);
  const { artifacts }: Report = JSON.parse(stdout);
  assert.deepEqual(
    artifacts.map(({ decision, findings }, at) => [hostile[at]?.name, decision, findings[0]?.id]),
    hostile.map(({ name, expect }) => [name, "deny", expect]),
  );
  assert.deepEqual(snapshot(scene.path), before);
});

test(`verify admits ${valid.length} odd and valid wheels`, async () => {
  const { exitCode, stdout } = await tspip("verify", "--no-deps", "--format", "json", ...valid.map(writeWheel));
  const { artifacts }: Report = JSON.parse(stdout);
  assert.deepEqual(
    artifacts.filter(({ decision }) => decision === "deny").map(({ findings }) => findings),
    [],
  );
  assert.equal(exitCode, 0);
});

test("install refuses each hostile wheel, and leaves the environment and the rest of the disk as they are", async () => {
  const python = makeFakeEnvironment(join(home, "env"));
  const files = hostile.map(writeWheel);
  const before = snapshot(scene.path);
  for (const [at, { name, expect }] of hostile.entries()) {
    const { exitCode, stderr, stdout } = await tspip("install", "--no-deps", "--python", python, files[at] ?? "");
    assert.equal(exitCode, 1, name);
    assert.ok((stdout + stderr).includes(`[${expect}]`), name);
  }
  assert.deepEqual(snapshot(scene.path), before);
});

test("download keeps none of the hostile wheels, and leaves the rest of the disk as it is", async () => {
  const files = hostile.map(writeWheel);
  mkdirSync(join(home, "kept"), { recursive: true });
  const before = snapshot(scene.path);
  for (const [at, { name, expect }] of hostile.entries()) {
    const { exitCode, stderr, stdout } = await tspip("download", "--no-deps", "-d", "kept", files[at] ?? "");
    assert.equal(exitCode, 1, name);
    assert.ok((stdout + stderr).includes(`[${expect}]`), name);
  }
  assert.deepEqual(snapshot(scene.path), before);
});

test("download keeps every odd and valid wheel as it is", async () => {
  for (const testCase of valid) {
    const file = writeWheel(testCase);
    const kept = join(home, "kept", testCase.name);
    const { exitCode, stderr } = await tspip("download", "--no-deps", "-d", kept, file);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(readdirSync(kept), [basename(file)]);
    assert.deepEqual(readFileSync(join(kept, basename(file))), readFileSync(file));
  }
});

for (const testCase of valid) {
  test(`install writes what the wheel holds: ${testCase.name}`, async () => {
    const root = join(home, "installed");
    const python = makeFakeEnvironment(root);
    const empty = snapshot(root);
    const { exitCode, stderr } = await tspip("install", "--no-deps", "--python", python, writeWheel(testCase));
    assert.equal(exitCode, 0, stderr);
    const added = Object.entries(snapshot(root)).filter(([path, what]) => !(path in empty) && what.startsWith("file"));
    const installed = new Map(added.map(([path, what]) => [path, what.split(" ")[2]]));
    for (const [path, digest] of await destinations(testCase)) {
      assert.ok(installed.has(path), `${path} is missing`);
      // The first line of a script is that of the environment.
      if (!path.startsWith("bin/")) assert.equal(installed.get(path), digest, path);
      installed.delete(path);
    }
    assert.deepEqual(
      [...installed.keys()].filter((path) => !isMade(path)),
      [],
    );
    rmSync(root, { recursive: true });
  });
}

for (const testCase of valid.filter(({ name }) => name.startsWith("executable"))) {
  test(`install keeps the mark of a file: ${testCase.name}`, async () => {
    const root = join(home, "installed");
    const python = makeFakeEnvironment(root);
    await tspip("install", "--no-deps", "--python", python, writeWheel(testCase));
    const site = join(root, "lib", "python3.11", "site-packages", "example");
    assert.equal(statSync(join(site, "tool")).mode & 0o111, 0o111 & ~process.umask());
    rmSync(root, { recursive: true });
  });
}

/** Where the members of a case's wheel go in a fake environment: path → SHA-256. */
async function destinations(testCase: TestCase): Promise<[path: string, digest: string][]> {
  const json = readText(testCase, "wheel.json");
  const { filename, bytes } = makeWheelOf(JSON.parse(json));
  const { members = {} } = await ownReading(bytes);
  const distInfo =
    Object.keys(members)
      .find((path) => path.endsWith(".dist-info/RECORD"))
      ?.split("/")[0] ?? "";
  const root = json.includes("Root-Is-Purelib: false") ? "platlib" : "purelib";
  const project = JSON.parse(json).name ?? filename.split("-")[0];
  const folders: Readonly<Record<string, string>> = {
    purelib: "lib/python3.11/site-packages",
    platlib: "lib-platform/python3.11/site-packages",
    scripts: "bin",
    data: ".",
    headers: `include/site/python3.11/${project}`,
  };
  const ofInstaller =
    /\/(?:RECORD(?:\.jws|\.p7s)?|INSTALLER|REQUESTED|direct_url\.json|provenance_url\.json|tspip\.json)$/;
  return Object.entries(members)
    .filter(([path]) => !(path.startsWith(`${distInfo}/`) && ofInstaller.test(path)))
    .map(([path, digest]) => {
      const [, scheme = root, rest = path] = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(path) ?? [];
      return [join(folders[scheme] ?? "", rest), digest];
    });
}

/** Files that an installer makes: scripts of entry points, and its own part of `.dist-info`. */
function isMade(path: string): boolean {
  return /^bin\/|\.dist-info\/(?:RECORD|INSTALLER|REQUESTED|direct_url\.json|tspip\.json)$/.test(path);
}

/** Writes a case's wheel into a folder of its own. */
function writeWheel(testCase: TestCase): string {
  const { filename, bytes } = makeWheelOf(JSON.parse(readText(testCase, "wheel.json")));
  const path = join(home, "wheels", testCase.name, filename);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

function tspip(...argv: string[]) {
  return typeCommand(home, [...argv, "--offline"], { platform: "linux", processors: 1 });
}
