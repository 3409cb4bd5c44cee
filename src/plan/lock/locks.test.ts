import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { MarkerEnvironment } from "../../distribution/marker.ts";
import { parseLockFile } from "../parse-lock-file.ts";

/** testdata/locks/ holds locks that uv and Pipenv wrote; the others are in their makers' form, as their documentation has it. */

const linux: MarkerEnvironment = {
  os_name: "posix",
  sys_platform: "linux",
  platform_machine: "x86_64",
  platform_python_implementation: "CPython",
  platform_release: "6.1",
  platform_system: "Linux",
  platform_version: "1",
  python_version: "3.12",
  python_full_version: "3.12.1",
  implementation_name: "cpython",
  implementation_version: "3.12.1",
};
const [a, b] = ["a".repeat(64), "b".repeat(64)];

function read(text: string) {
  return parseLockFile(text, "/work/some.lock");
}

function names(text: string, extras: string[] = [], groups?: string[], environment = linux): string[] {
  const lock = read(text);
  return lock
    .select({ extras, groups: groups ?? lock.defaultGroups }, environment)
    .map(({ name, line }) => `${name}:${line}`)
    .sort();
}

const stored = (name: string) => readFileSync(new URL(`../../../testdata/locks/${name}`, import.meta.url), "utf8");

test("every stored lock is read, with a digest for each file and a line for each package", () => {
  for (const name of readdirSync(new URL("../../../testdata/locks/", import.meta.url))) {
    if (name === "README.md") continue;
    for (const { files, pins, line, unsupported } of read(stored(name)).packages) {
      assert.ok(files.length + pins.length > 0 || unsupported !== undefined, name);
      assert.ok(line !== undefined && line > 1, name);
    }
  }
});

test("uv.lock: what the project reaches, by markers, extras and groups", () => {
  const lock = stored("uv.lock");
  const only = (found: string[]) => found.map((name) => name.replace(/:\d+$/, ""));
  assert.deepEqual(only(names(lock)), ["attrs", "iniconfig"]);
  assert.deepEqual(only(names(lock, [], [])), ["attrs"]);
  assert.deepEqual(only(names(lock, ["color"], ["docs"])), ["attrs", "mdurl", "zipp"]);
  assert.deepEqual(only(names(lock, [], [], { ...linux, sys_platform: "win32" })), ["attrs", "colorama"]);
  const old = { ...linux, python_version: "3.9", python_full_version: "3.9.1" };
  assert.deepEqual(only(names(lock, [], [], old)), ["attrs", "importlib-metadata", "zipp"]);
  // Two versions of one project are in the lock; the edge says which one is for this Python.
  const chosen = read(lock).select({ extras: [], groups: ["dev"] }, old);
  assert.deepEqual(
    chosen.filter(({ name }) => name === "iniconfig").map(({ version }) => version?.text),
    ["2.1.0"],
  );
});

test("pylock.toml and Pipfile.lock: by marker and section", () => {
  assert.deepEqual(
    names(stored("pylock.toml")).map((name) => name.replace(/:\d+$/, "")),
    ["attrs", "iniconfig", "mdurl", "zipp"],
  );
  assert.deepEqual(names(stored("Pipfile.lock")), ["attrs:17", "iniconfig:32"]);
  assert.deepEqual(names(stored("Pipfile.lock"), [], ["docs"]), ["attrs:17", "zipp:43"]);
});

const poetry = `
[[package]]
name = "Alpha"
version = "1.0"
optional = false
python-versions = ">=3.8"
groups = ["main", "dev"]
markers = {main = "sys_platform == 'win32'", dev = "python_version >= '3.8'"}
files = [{file = "alpha-1.0-py3-none-any.whl", hash = "sha256:${a}"}]

[[package]]
name = "beta"
version = "2.0"
optional = true
python-versions = "*"
groups = ["main"]
markers = "extra == \\"fancy\\""
files = [{file = "beta-2.0-py3-none-any.whl", hash = "sha256:${b}"}]

[package.source]
type = "legacy"
url = "https://index.example.org/simple"
reference = "own"

[extras]
fancy = ["beta"]

[metadata]
lock-version = "2.1"
python-versions = ">=3.8"
content-hash = "0"
`;

test("poetry.lock: groups, markers for each group, extras, and the index of a source", () => {
  assert.deepEqual(names(poetry, [], []), []);
  assert.deepEqual(names(poetry), ["alpha:2"]);
  assert.deepEqual(names(poetry, ["fancy"], []), ["beta:11"]);
  assert.deepEqual(names(poetry, [], [], { ...linux, sys_platform: "win32" }), ["alpha:2"]);
  const beta = read(poetry).packages.find(({ name }) => name === "beta");
  assert.equal(String(beta?.index), "https://index.example.org/simple");
});

test("poetry.lock of older versions: what depends on a package says when it is installed", () => {
  const lock = `
[[package]]
name = "click"
version = "8.0"
optional = false
[package.dependencies]
colorama = {version = "*", markers = "platform_system == \\"Windows\\""}

[[package]]
name = "colorama"
version = "0.4"
category = "main"
optional = false

[metadata]
lock-version = "1.1"
[metadata.files]
click = [{file = "click-8.0-py3-none-any.whl", hash = "sha256:${a}"}]
Colorama = [{file = "colorama-0.4-py3-none-any.whl", hash = "sha256:${b}"}]
`;
  assert.deepEqual(names(lock), ["click:2"]);
  assert.deepEqual(names(lock, [], [], { ...linux, platform_system: "Windows" }), ["click:2", "colorama:9"]);
});

test("pdm.lock: groups and markers, URLs where the lock has them, extras as packages of their own", () => {
  const lock = `
[metadata]
groups = ["default", "tests"]
strategy = ["inherit_metadata", "static_urls"]
lock_version = "4.5.0"

[[package]]
name = "alpha"
version = "1.0"
groups = ["default"]
marker = "python_version >= \\"3.8\\""
files = [{url = "https://files.example.org/alpha-1.0-py3-none-any.whl", hash = "sha256:${a}"}]

[[package]]
name = "alpha"
version = "1.0"
extras = ["fancy"]
groups = ["tests"]
files = [{file = "alpha-1.0-py3-none-any.whl", hash = "sha256:${a}"}]

[[package]]
name = "beta"
version = "2.0"
groups = ["tests"]
git = "https://example.org/beta.git"
revision = "0"
`;
  assert.deepEqual(names(lock, [], []), ["alpha:7"]);
  assert.deepEqual(names(lock, ["tests"]), ["alpha:14", "alpha:7", "beta:21"]);
  assert.equal(
    read(lock).packages[0]?.files[0]?.details().url?.href,
    "https://files.example.org/alpha-1.0-py3-none-any.whl",
  );
  assert.equal(read(lock).packages[2]?.unsupported, "a git repository");
});

test("what cannot be read is said with its place", () => {
  const uvPackage = (rest: string) => `version = 1\n[[package]]\nname = "x"\nversion = "1"\n${rest}\n`;
  const mistakes: [text: string, words: RegExp][] = [
    ["[[[", /some\.lock:1:\d+: /],
    ['{"_meta": ', /some\.lock: /],
    ["x = 1", /no lock file that tspip knows/],
    ["version = 2", /version is 2/],
    ['lock-version = "2.0"', /lock-version is "2\.0"/],
    ['[metadata]\nlock-version = "3.0"', /lock-version is "3\.0"/],
    [poetry.replace('"legacy"', '"constructor"'), /package\[1\]\.source: "type" is "constructor"/],
    ['[metadata]\nlock_version = "5.0"', /lock_version is "5\.0"/],
    ['{"_meta": {"pipfile-spec": 7}}', /pipfile-spec is 7/],
    ["version = 1\nconflicts = []", /conflicting extras/],
    [uvPackage(""), /package\[0\]: package "x" has no source/],
    [uvPackage('source = { registry = "https://e.org" }'), /package\[0\]: package "x" has no file with a sha256/],
    [uvPackage("source = 3"), /package\[0\]: "source" is not a table/],
    [
      uvPackage(
        `source = { registry = "https://e.org" }\nwheels = [{ url = "https://e.org/y-1-py3-none-any.whl", hash = "sha256:${a}" }]`,
      ),
      /lists "y-1-py3-none-any\.whl", a file of another project/,
    ],
    [
      uvPackage(
        'source = { registry = "https://e.org" }\nwheels = [{ url = "https://e.org/x-1-py3-none-any.whl", hash = "sha256:1" }]',
      ),
      /"hash": "sha256:1" is no digest/,
    ],
    ['{"_meta": {"pipfile-spec": 6}, "default": {"x": {"version": "==1"}}}', /package "x" has no sha256/],
  ];
  for (const [text, words] of mistakes) {
    assert.throws(() => read(text), { name: "UsageError", message: words }, text);
  }
});
