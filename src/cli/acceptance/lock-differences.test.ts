import assert from "node:assert/strict";
import { test } from "node:test";
import { setScene } from "../../testing/command-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import type { Report } from "../report/report.ts";

/** Locks that an installer would read in another way than tspip does: what was judged must be what gets installed. */

const good = makeWheel({ name: "demo" });
const evil = makeWheel({ name: "demo", files: { "demo/__init__.py": "evil = True\n" } });
const manyTags = `demo-1.0-cp311.${letters("c", 10)}-none.${letters("n", 9)}-any.${letters("y", 9)}.whl`;

function letters(letter: string, count: number): string {
  return Array.from({ length: count }, (_, at) => `${letter}${at}`).join(".");
}

const wheel = ({ sha256 }: { sha256: string }, url = "https://x.example/demo-1.0-py3-none-any.whl", more = "") =>
  `{ url = "${url}", hash = "sha256:${sha256}"${more} }`;
const sourceOfEvil = 'url = "https://x.example/demo-1.0-py3-none-any.whl"';

interface UvLock {
  readonly top?: string;
  readonly source?: string;
  readonly wheels?: readonly string[];
  readonly more?: string;
}

/** As `uv sync --frozen` reads it, in whose words a package of the list `table` is. */
const uvLock = ({ top = "", source = sourceOfEvil, wheels = [wheel(evil)], more = "" }: UvLock, table = "package") => `
version = 1
requires-python = ">=3.9"
${top}
[[${table}]]
name = "demo"
version = "1.0"
source = { ${source} }
wheels = [${wheels.join(", ")}]
[[${table}]]
name = "project"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "demo" }]
${more}`;

const registry = 'registry = "https://x.example/simple"';
const pylock = (hash: string) => `[[packages]]
name = "demo"
version = "1.0"
[[packages.wheels]]
url = "https://x.example/demo-1.0-py3-none-any.whl"
hashes = { sha256 = "${hash}" }
`;
const pylockHead = 'lock-version = "1.0"\ncreated-by = "test"\n';
const strange = "https://x.example/demo-1.0-cp311-none-any.whl";
const poetryLock = (files: string) =>
  `[[package]]\nname = "demo"\nversion = "1.0"\nfiles = [${files}]\n[metadata]\nlock-version = "2.1"\n`;
const poetryFile = (hash: string) => `{ file = "demo-1.0-py3-none-any.whl", hash = "sha256:${hash}" }`;

const refused: Readonly<Record<string, readonly [lock: string, message: RegExp]>> = {
  "a uv.lock that is a pylock.toml as well": [
    uvLock({ top: 'lock-version = "1.0"\ncreated-by = "x"', more: pylock(good.sha256) }),
    /a lock file of several kinds: pylock\.toml, uv\.lock/,
  ],
  "two lists of packages": [`${uvLock({})}\n[[distribution]]\nname = "other"\n`, /both "package" and "distribution"/],
  "a source of two kinds": [
    uvLock({ source: `virtual = ".", ${sourceOfEvil}` }),
    /"demo" has a source of several kinds: url, virtual/,
  ],
  "a wheel with a digest that does not count": [
    uvLock({ source: registry, wheels: [wheel(good), `{ url = "${strange}", hash = "md5:${"a".repeat(32)}" }`] }),
    /"demo-1\.0-cp311-none-any\.whl" has no sha256/,
  ],
  "a wheel with more tags than are read": [
    uvLock({ source: registry, wheels: [wheel(good), wheel(evil, `https://x.example/${manyTags}`)] }),
    /is no wheel that tspip understands/,
  ],
  "a wheel in another form": [
    uvLock({ source: registry, wheels: [wheel(good, undefined, ', zstd = { hash = "sha256:aa" }')] }),
    /is no wheel that tspip understands/,
  ],
  "a wheel under two names": [
    uvLock({ source: registry, wheels: [wheel(evil, strange, ', filename = "demo-1.0-py3-none-any.whl"')] }),
    /one file is called "demo-1\.0-py3-none-any\.whl" and "demo-1\.0-cp311-none-any\.whl"/,
  ],
  "a wheel twice": [uvLock({ source: registry, wheels: [wheel(good), wheel(evil)] }), /lists "demo-1.+" twice/],
  "a file of poetry's with two digests": [
    poetryLock(`${poetryFile(good.sha256)}, ${poetryFile(evil.sha256)}`),
    /lists "demo-1.+" twice/,
  ],
  "a package twice": [
    pylockHead + pylock(evil.sha256) + pylock(good.sha256),
    /:9: "demo-1\.0-py3-none-any\.whl" is locked to another file than at some\.lock:3/,
  ],
  "a wheel at a path and a URL of other names": [
    `${pylockHead}${pylock(good.sha256)}path = "demo-1.0-cp311-none-any.whl"\n`,
    /one file is called "demo-1\.0-cp311-none-any\.whl" and "demo-1\.0-py3-none-any\.whl"/,
  ],
  "a package of Pipenv's from a repository": [
    JSON.stringify({
      _meta: { "pipfile-spec": 6, sources: [] },
      default: { demo: { version: "==1.0", hashes: [`sha256:${good.sha256}`], svn: "https://x.example/" } },
    }),
    /"demo==1\.0" is locked to a version control repository/,
  ],
};

for (const [what, [lock, message]] of Object.entries(refused)) {
  test(`verify --lock: ${what} is a mistake`, async () => {
    await using scene = await setScene();
    scene.write("some.lock", lock);
    const { exitCode, stdout, stderr } = await scene.tspip("verify", "--lock", "some.lock", "--offline");
    assert.equal(exitCode, 2, stdout + stderr);
    assert.match(stderr, message);
  });
}

const judged: Readonly<Record<string, string>> = {
  "in the older name of the list": uvLock({}, "distribution"),
  "a member that is no folder": uvLock({ top: '[manifest]\nmembers = ["demo", "project"]' }),
  "needed by a group, in the newer name of the table": uvLock({
    more: '[package.dependency-groups]\ndev = [{ name = "demo" }]',
  }).replace('dependencies = [{ name = "demo" }]', ""),
};

for (const [what, lock] of Object.entries(judged)) {
  test(`verify --lock: a package that uv installs is judged, ${what}`, async () => {
    await using scene = await setScene();
    scene.write("some.lock", lock);
    const { stdout, stderr } = await scene.tspip("verify", "--lock", "some.lock", "--offline", "--format", "json");
    assert.match(stdout, /^\{/, stderr);
    const { artifacts }: Report = JSON.parse(stdout);
    assert.deepEqual(
      artifacts.map(({ name, hashes }) => [name, hashes?.sha256]),
      [["demo", evil.sha256]],
    );
  });
}
