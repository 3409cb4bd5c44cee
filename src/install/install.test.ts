import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Environment } from "../environment/environment.ts";
import { EnvironmentError } from "../errors.ts";
import { makeEnvironment, makeItem, quietly, writeTree } from "../testing/install-scene.ts";
import type { WheelDescription } from "../testing/make-wheel.ts";
import { snapshot, temporaryFolder } from "../testing/tree.ts";
import { install } from "./install.ts";
import { uninstall } from "./uninstall.ts";

const names = (...all: string[]) => new Set(all) as ReadonlySet<string> as Parameters<typeof uninstall>[0];

function scene() {
  const folder = temporaryFolder();
  const root = join(folder.path, "env");
  const environment = makeEnvironment(root);
  const quarantine = join(folder.path, "quarantine");
  return {
    environment,
    root,
    outside: folder.path,
    site: environment.schemes.purelib,
    async install(...wheels: WheelDescription[]): Promise<string[]> {
      const options = quietly();
      const items = [];
      for (const wheel of wheels) items.push(await makeItem(wheel, quarantine));
      await install(items, environment, options);
      return options.notices;
    },
    async uninstall(...projects: string[]): Promise<string[]> {
      const options = quietly();
      await uninstall(names(...projects), environment, options);
      return options.notices;
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("in an environment on Windows an entry point is two files, which RECORD lists and uninstall removes", async () => {
  using here = scene();
  const { interpreter } = here.environment;
  const markers = { ...interpreter.markers, os_name: "nt" };
  const windows = { ...here.environment, interpreter: { ...interpreter, markers } };
  const before = snapshot(here.root);
  const entryPoints = "[console_scripts]\nexample = example:main\n";
  const item = await makeItem({ entryPoints, files: { "example/__init__.py": "" } }, join(here.outside, "quarantine"));
  await install([item], windows, quietly());
  const record = readFileSync(join(here.site, "example-1.0.dist-info/RECORD"), "utf8");
  for (const name of ["example-script.py", "example.cmd"]) {
    assert.ok(existsSync(join(here.root, "bin", name)), name);
    assert.ok(record.includes(`/bin/${name},sha256=`), record);
  }
  await uninstall(names("example"), windows, quietly());
  assert.deepEqual(snapshot(here.root), before);
});

/** What pip would have left of a distribution, with this RECORD. */
function plant(environment: Environment, project: string, record: readonly string[]): void {
  const info = `${project}-1.0.dist-info`;
  writeTree(environment.schemes.purelib, {
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${project}\nVersion: 1.0\n`,
    [`${info}/RECORD`]: [...record, `${info}/METADATA`, `${info}/RECORD`].map((path) => `${path},,\n`).join(""),
  });
}

test("install, upgrade, uninstall: what is there is what the wheel holds, and in the end nothing", async () => {
  using here = scene();
  const before = snapshot(here.root);
  const entryPoints = "[console_scripts]\nexample = example:main\n";
  const stem = "example-1.0";
  await here.install({
    entryPoints,
    files: {
      "example/__init__.py": "old",
      "example/gone/old.py": "old",
      [`${stem}.data/scripts/tool`]: "#!python\nprint()\n",
      [`${stem}.data/data/share/example.txt`]: "shared",
      [`${stem}.data/headers/example.h`]: "",
    },
  });
  assert.match(readFileSync(join(here.root, "bin/tool"), "utf8"), new RegExp(`^#!${here.root}/bin/python\n`));
  assert.ok(existsSync(join(here.root, "include/site/python3.13/example/example.h")));
  assert.ok(existsSync(join(here.root, "share/example.txt")));
  writeTree(here.site, { "example/__pycache__/__init__.cpython-313.pyc": "", "example/mine.txt": "the user's" });

  await here.install({ version: "2.0", files: { "example/__init__.py": "new", "example/fresh.py": "" } });
  assert.deepEqual(readdirSync(join(here.site, "example")).sort(), ["__init__.py", "fresh.py", "mine.txt"]);
  assert.equal(existsSync(join(here.root, "bin/example")), false);
  assert.equal(existsSync(join(here.root, "share")), false);

  await here.uninstall("example");
  const { [join("lib/python3.13/site-packages/example/mine.txt")]: mine, ...after } = snapshot(here.root);
  assert.ok(mine, "a file that nobody installed stays");
  delete after["lib/python3.13/site-packages/example"];
  for (const folder of ["include", "include/site", "include/site/python3.13"]) delete after[folder];
  assert.deepEqual(after, before);
});

const planted: Readonly<Record<string, string>> = {
  "a journal for a later command": "example-1.0.data/data/.tspip-stage-1/journal.json",
  "a lock": "example-1.0.data/data/.tspip-lock",
  "pyvenv.cfg": "example-1.0.data/data/pyvenv.cfg",
  "the interpreter": "example-1.0.data/scripts/python",
  "a further name of the interpreter": "example-1.0.data/scripts/python3.99",
  "the interpreter by way of data": "example-1.0.data/data/bin/python3",
  "an activation script": "example-1.0.data/scripts/activate.fish",
};
for (const [what, path] of Object.entries(planted)) {
  test(`install() refuses a wheel that brings ${what}`, async () => {
    using here = scene();
    const before = snapshot(here.root);
    await assert.rejects(here.install({ files: { "example.py": "", [path]: "{}" } }), { code: "wheel-layout-unsafe" });
    assert.deepEqual(snapshot(here.root), before);
  });
}

test("install() writes over nothing: another distribution's file, the user's own, a file in a folder's place", async () => {
  using here = scene();
  await here.install({ name: "first", files: { "shared.py": "1" } });
  writeTree(here.site, { "mine.py": "", taken: "" });
  const before = snapshot(here.root);
  const refused = here.install({ name: "second", files: { "shared.py": "2", "mine.py": "", "taken/x.py": "" } });
  await assert.rejects(refused, ({ message }: Error) => {
    assert.match(message, /shared\.py" of "second" is there already, and it belongs to "first"/);
    assert.match(message, /mine\.py" of "second" is there already, and belongs to no distribution/);
    assert.match(message, /needs a folder where a file is/);
    return true;
  });
  assert.deepEqual(snapshot(here.root), before);
});

test("install() refuses two wheels with one file, and two of which one has a file where the other needs a folder", async () => {
  using here = scene();
  const both = here.install({ name: "a", files: { "x.py": "1" } }, { name: "b", files: { "x.py": "2" } });
  await assert.rejects(both, { code: "install-conflict" });
  const nested = here.install({ name: "a", files: { x: "" } }, { name: "b", files: { "x/y.py": "" } });
  await assert.rejects(nested, { code: "install-conflict" });
});

test("distributions may share a file that is the same; it goes with the last of them", async () => {
  using here = scene();
  const part = (name: string, files = {}): WheelDescription => ({ name, files: { "shared/same.py": "x", ...files } });
  await here.install(part("a"), part("b", { "shared/b.py": "" }));
  await here.install(part("c"));
  await assert.rejects(here.install({ name: "d", files: { "shared/same.py": "other" } }), { code: "install-conflict" });
  const shared = join(here.site, "shared", "same.py");
  assert.match((await here.uninstall("a", "c")).join(), /shared.same\.py"(?: and 1 more)?: it belongs to "b" as well/);
  assert.equal(readFileSync(shared, "utf8"), "x");
  writeFileSync(shared, "edited");
  await assert.rejects(here.install(part("c")), { code: "install-conflict" });
  await here.uninstall("b");
  assert.equal(existsSync(join(here.site, "shared")), false);
});

test("install() does not follow a link out of the environment", async () => {
  using here = scene();
  mkdirSync(join(here.outside, "elsewhere"));
  symlinkSync(join(here.outside, "elsewhere"), join(here.site, "example"));
  await assert.rejects(here.install({ files: { "example/x.py": "" } }), { code: "install-conflict" });
  assert.deepEqual(readdirSync(join(here.outside, "elsewhere")), []);
});

test("a RECORD that lists what is not its own removes nothing of it, and says so", async () => {
  using here = scene();
  writeTree(here.outside, { "precious.txt": "" });
  writeTree(here.site, { "evil.py": "" });
  await here.install({ name: "other", files: { "other.py": "" } });
  mkdirSync(join(here.outside, "linked"));
  writeTree(here.outside, { "linked/file.txt": "" });
  symlinkSync(join(here.outside, "linked"), join(here.site, "link"));
  const notOwn = [
    "../../../../precious.txt",
    join(here.outside, "precious.txt"),
    "link/file.txt",
    "../../../pyvenv.cfg",
    "../../../bin/python",
    "../../../bin/activate",
    "other.py",
    "../../../bin",
  ];
  plant(here.environment, "evil", ["evil.py", ...notOwn]);
  const notices = await here.uninstall("evil");
  assert.equal(existsSync(join(here.site, "evil.py")), false);
  assert.equal(existsSync(join(here.site, "evil-1.0.dist-info")), false);
  for (const path of notOwn) assert.ok(existsSync(join(here.site, path)) || existsSync(path), path);
  assert.equal(notices.length, 5, notices.join("\n"));
});

test("a journal that leads out of the environment is not acted on", async () => {
  using here = scene();
  const stage = join(here.root, ".tspip-stage-0");
  writeTree(here.outside, { "precious.txt": "old" });
  writeTree(stage, { loot: "new" });
  const precious = join(here.outside, "precious.txt");
  for (const [from, to] of [
    [precious, join(stage, "loot")],
    [join(here.root, "pyvenv.cfg"), join(stage, "loot")],
    [join(here.site, "x"), precious],
    [join(here.site, "..", "..", "..", "..", "precious.txt"), join(stage, "loot")],
  ]) {
    writeFileSync(
      join(stage, "journal.json"),
      JSON.stringify({ departures: [{ from, to }], directories: [], arrivals: [] }),
    );
    await assert.rejects(here.install({ files: { "example.py": "" } }), { code: "journal-invalid" });
    assert.equal(readFileSync(precious, "utf8"), "old");
  }
});

test("a distribution without RECORD is neither replaced nor removed", async () => {
  using here = scene();
  writeTree(here.site, { "example-0.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: example\nVersion: 0.1\n" });
  await assert.rejects(here.install({}), { code: "no-record" });
  await assert.rejects(here.uninstall("example"), { code: "no-record" });
  writeFileSync(join(here.site, "example-0.1.dist-info/METADATA"), "");
  await assert.rejects(here.install({}), { code: "installed-unreadable" });
});

test("install() leaves the environment as it was when modules cannot be compiled", async () => {
  using folder = temporaryFolder();
  const environment = makeEnvironment(join(folder.path, "env"));
  await install([await makeItem({}, join(folder.path, "quarantine"))], environment, quietly());
  const before = snapshot(environment.root);
  const item = await makeItem({ version: "2.0", files: { "example.py": "" } }, join(folder.path, "quarantine"));
  const compiler = { cacheTag: "none-1", compile: () => Promise.reject(new EnvironmentError("cannot-compile", "no")) };
  await assert.rejects(install([item], environment, { ...quietly(), compiler }), { code: "cannot-compile" });
  assert.deepEqual(snapshot(environment.root), before);
});
