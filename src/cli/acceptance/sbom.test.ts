import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeAuditScene, site } from "../../testing/audit-scene.ts";
import { xmlProblems, xmlSkip } from "../../testing/check-xml.ts";
import { makeFakeEnvironment } from "../../testing/fake-interpreter.ts";
import { writeTree } from "../../testing/install-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";

const scene = await makeAuditScene();
const { whole, tspip, path } = scene;
after(() => scene[Symbol.dispose]());

interface Component {
  readonly name: string;
  readonly version?: string;
  readonly hashes?: readonly { readonly content: string }[];
  readonly properties: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly Component[];
  readonly externalReferences?: readonly { readonly type: string; readonly url: string; readonly hashes: unknown[] }[];
  readonly evidence: { readonly licenses?: readonly { readonly license: { readonly name: string } }[] };
}

async function sbom(...argv: string[]) {
  const { exitCode, stdout } = await tspip("ext", "sbom", "--validate", ...argv);
  assert.equal(exitCode, 0, argv.join(" "));
  const document = JSON.parse(stdout);
  const components: readonly Component[] = document.components;
  return { document, components, names: components.map(({ name, version }) => `${name} ${version}`) };
}

test("ext sbom: the same document each time, in both versions of CycloneDX, from a file or on stdout", async () => {
  const { exitCode, stdout } = await tspip("ext", "sbom", "--venv", whole);
  assert.equal(exitCode, 0);
  const bom = JSON.parse(stdout);
  assert.deepEqual([bom.specVersion, bom.components.length], ["1.6", 2]);
  await tspip("ext", "sbom", "--venv", whole, "-o", "out.json");
  assert.equal(readFileSync(join(path, "out.json"), "utf8"), stdout);
  assert.equal((await sbom("--venv", whole, "--spec-version", "1.7")).document.specVersion, "1.7");
  assert.match((await tspip("ext", "--list")).stdout, /^sbom {2}/m);
  assert.ok(existsSync(join(path, "out.json")));
});

test("ext sbom: wheels and folders of wheels, with their digests and dependencies", async () => {
  const wheels = join(path, "wheels");
  mkdirSync(wheels);
  const needed = makeWheel({ name: "needed" });
  const needing = makeWheel({ name: "needing", metadata: ["Requires-Dist: needed"] });
  for (const { filename, bytes } of [needed, needing]) writeFileSync(join(wheels, filename), bytes);
  const { names, components, document } = await sbom(wheels);
  assert.deepEqual(names, ["needed 1.0", "needing 1.0"]);
  assert.equal(components[0]?.hashes?.[0]?.content, needed.sha256);
  assert.deepEqual(document.metadata.lifecycles, [{ phase: "post-build" }]);
  const edge = document.dependencies.find(({ ref }: { ref: string }) => ref.includes("needing"));
  assert.match(edge.dependsOn[0], /^pkg:pypi\/needed@1\.0/);
  assert.deepEqual((await sbom(join(wheels, needed.filename))).names, ["needed 1.0"]);
});

test("ext sbom: requirements as they stand, versions left open and all", async () => {
  const digest = "5a".repeat(32);
  writeTree(path, { "requirements.txt": `pinned==1.2 --hash=sha256:${digest}\nopen>=3\n` });
  const { names, components, document } = await sbom("-r", "requirements.txt");
  assert.deepEqual(names, ["open undefined", "pinned 1.2"]);
  assert.equal(components[1]?.hashes?.[0]?.content, digest);
  assert.deepEqual(document.metadata.lifecycles, [{ phase: "pre-build" }]);
  assert.equal(document.compositions[1].aggregate, "unknown");
});

test("ext sbom: a lock file, with every archive that may be chosen", async () => {
  const file = (name: string, digit: string) =>
    `{ name = "${name}", url = "https://e.example/${name}", hashes = { sha256 = "${digit.repeat(64)}" } }`;
  writeTree(path, {
    "pylock.toml": `lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "locked"\nversion = "2.0"\nwheels = [${file("locked-2.0-py3-none-any.whl", "a")}, ${file("locked-2.0-cp313-cp313-win_amd64.whl", "b")}]\n`,
  });
  const { names, components } = await sbom("--lock", "pylock.toml");
  assert.deepEqual(names, ["locked 2.0"]);
  const archives = components[0]?.externalReferences?.filter(({ type }) => type === "distribution");
  assert.deepEqual(
    archives?.map(({ url }) => url.split("/").at(-1)),
    ["locked-2.0-py3-none-any.whl", "locked-2.0-cp313-cp313-win_amd64.whl"],
  );
  assert.equal(components[0]?.hashes, undefined);
});

const digest = "5a".repeat(32);

/** In each, `app` needs `extra[fast]` everywhere and `windows` on Windows; `fast` comes with the extra. */
const locks = {
  "uv.lock": `version = 1
requires-python = ">=3.11"
[[package]]
name = "project"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "app" }]
[[package]]
name = "app"
version = "1.0"
source = { registry = "https://e.example/simple" }
dependencies = [{ name = "extra", extra = ["fast"] }, { name = "windows", marker = "sys_platform == 'win32'" }]
wheels = [{ url = "https://e.example/app-1.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[[package]]
name = "extra"
version = "2.0"
source = { registry = "https://e.example/simple" }
wheels = [{ url = "https://e.example/extra-2.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[package.optional-dependencies]
fast = [{ name = "fast" }]
[[package]]
name = "fast"
version = "3.0"
source = { registry = "https://e.example/simple" }
wheels = [{ url = "https://e.example/fast-3.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[[package]]
name = "windows"
version = "4.0"
source = { registry = "https://e.example/simple" }
wheels = [{ url = "https://e.example/windows-4.0-py3-none-any.whl", hash = "sha256:${digest}" }]
`,
  "poetry.lock": `[[package]]
name = "app"
version = "1.0"
groups = ["main", "dev"]
markers = { main = "python_version >= '3.11'", dev = "python_version >= '3.12'" }
files = [{ file = "app-1.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[package.dependencies]
extra = { version = ">=2.0,<3", extras = ["fast"] }
windows = { version = "*", markers = 'sys_platform == "win32"' }
[[package]]
name = "extra"
version = "2.0"
groups = ["main"]
files = [{ file = "extra-2.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[package.dependencies]
fast = { version = "*", optional = true, markers = 'extra == "fast"' }
slow = { version = "*", optional = true, markers = 'extra == "slow"' }
[package.extras]
fast = ["fast"]
[[package]]
name = "fast"
version = "3.0"
groups = ["main"]
files = [{ file = "fast-3.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[[package]]
name = "windows"
version = "4.0"
groups = ["main"]
markers = "sys_platform == 'win32'"
files = [{ file = "windows-4.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[metadata]
lock-version = "2.1"
python-versions = ">=3.11"
content-hash = "${digest}"
`,
  "pdm.lock": `[metadata]
groups = ["default"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:${digest}"
[[package]]
name = "app"
version = "1.0"
groups = ["default"]
dependencies = ["extra[fast]>=2", "windows; sys_platform == 'win32'"]
files = [{ file = "app-1.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[[package]]
name = "extra"
version = "2.0"
groups = ["default"]
files = [{ file = "extra-2.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[[package]]
name = "extra"
version = "2.0"
extras = ["fast"]
groups = ["default"]
dependencies = ["extra==2.0", "fast"]
files = [{ file = "extra-2.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[[package]]
name = "fast"
version = "3.0"
groups = ["default"]
files = [{ file = "fast-3.0-py3-none-any.whl", hash = "sha256:${digest}" }]
[[package]]
name = "windows"
version = "4.0"
groups = ["default"]
marker = "sys_platform == 'win32'"
files = [{ file = "windows-4.0-py3-none-any.whl", hash = "sha256:${digest}" }]
`,
} as const;

for (const [lock, text] of Object.entries(locks))
  test(`ext sbom: the dependencies that ${lock} has, for whatever environment or for that of --python`, async () => {
    writeTree(path, { [lock]: text });
    const { names, document } = await sbom("--lock", lock);
    assert.deepEqual(names, ["app 1.0", "extra 2.0", "fast 3.0", "windows 4.0"]);
    assert.deepEqual(edgesIn(document), {
      environment: ["app"],
      app: ["extra", "windows"],
      extra: ["fast"],
    });
    assert.deepEqual(
      document.compositions.map(({ aggregate }: { aggregate: string }) => aggregate),
      ["complete", "complete"],
    );
    const there = await sbom("--lock", lock, "--python", makeFakeEnvironment(join(path, "linux")));
    assert.deepEqual(there.names, ["app 1.0", "extra 2.0", "fast 3.0"]);
    assert.deepEqual(edgesIn(there.document), { environment: ["app"], app: ["extra"], extra: ["fast"] });
  });

test("ext sbom: a lock that has a project twice leads to the version that is meant", async () => {
  const wheel = (name: string, version: string) =>
    `wheels = [{ name = "${name}-${version}-py3-none-any.whl", url = "https://e.example/${name}-${version}-py3-none-any.whl", hashes = { sha256 = "${digest}" } }]`;
  writeTree(path, {
    "pylock.twice.toml": `lock-version = "1.0"
created-by = "test"
[[packages]]
name = "app"
version = "1.0"
dependencies = [{ name = "twice", version = "2.0" }]
${wheel("app", "1.0")}
[[packages]]
name = "twice"
version = "1.0"
${wheel("twice", "1.0")}
[[packages]]
name = "twice"
version = "2.0"
${wheel("twice", "2.0")}
`,
  });
  const { document } = await sbom("--lock", "pylock.twice.toml");
  const app = document.dependencies.find(({ ref }: { ref: string }) => ref.includes("/app@"));
  assert.equal(app.dependsOn.length, 1);
  assert.match(app.dependsOn[0], /twice@2\.0/);
});

/** By name, without those that need nothing. */
function edgesIn({ dependencies }: { dependencies: readonly { ref: string; dependsOn?: readonly string[] }[] }) {
  const nameOf = (ref: string) => /pypi\/([^@]+)/.exec(ref)?.[1] ?? ref;
  return Object.fromEntries(
    dependencies.flatMap(({ ref, dependsOn = [] }) =>
      dependsOn.length === 0 ? [] : [[nameOf(ref), dependsOn.map(nameOf).sort()]],
    ),
  );
}

test("ext sbom: SBOMs that distributions bring are merged, and marked (PEP 770)", async () => {
  const env = scene.copy("nested");
  const inner = {
    bomFormat: "CycloneDX",
    specVersion: "1.4",
    metadata: { component: { type: "application", "bom-ref": "top", name: "top", purl: "pkg:pypi/elsewhere@1" } },
    components: [
      { type: "library", "bom-ref": "zlib", name: "zlib", version: "1.3", licenses: [{ license: { id: "Zlib" } }] },
      { type: "nonsense", name: "bent\u0007", hashes: [{ alg: "SHA-256", content: "short" }] },
    ],
    dependencies: [{ ref: "top", dependsOn: ["zlib", "unknown"] }],
  };
  writeTree(env, {
    [`${site}/example-1.0.dist-info/sboms/inner.cdx.json`]: JSON.stringify(inner),
    [`${site}/example-1.0.dist-info/sboms/other.spdx`]: "SPDXVersion: SPDX-2.3",
    [`${site}/example-1.0.dist-info/sboms/broken.json`]: "{",
  });
  const { components, document } = await sbom("--venv", env);
  const [example] = components;
  assert.deepEqual(
    example?.components?.map(({ name }) => name),
    ["top", "zlib", "bent\u0007"],
  );
  assert.ok(example?.components?.every(({ properties }) => properties[0]?.name === "tspip:nested-from"));
  assert.equal(example?.externalReferences?.filter(({ type }) => type === "bom").length, 3);
  const problems = example?.properties.filter(({ name }) => name === "tspip:nested:problem").map(({ value }) => value);
  assert.deepEqual(problems, ["sboms/broken.json is no JSON", "sboms/inner.cdx.json is about pkg:pypi/elsewhere@1"]);
  const edge = document.dependencies.find(({ ref }: { ref: string }) => ref.endsWith(":top"));
  assert.match(edge.dependsOn.join(), /^pkg:pypi\/example@1\.0.*:zlib$/);
});

test("ext sbom: files and licence texts on demand", async () => {
  const env = scene.copy("detailed");
  writeTree(env, { [`${site}/example-1.0.dist-info/licenses/LICENSE`]: "Do as you like" });
  const plain = await sbom("--venv", env);
  assert.equal(plain.components[0]?.components, undefined);
  const { components } = await sbom("--venv", env, "--files", "--license-texts");
  const [example] = components;
  assert.equal(example?.evidence.licenses?.[0]?.license.name, "licenses/LICENSE");
  const module = example?.components?.find(({ name }) => name === "example/sub/mod.py");
  assert.match(module?.hashes?.[0]?.content ?? "", /^[0-9a-f]{64}$/);
});

test("ext sbom: VEX of both kinds is merged where it is about a component", async () => {
  const analysis = { state: "not_affected", justification: "code_not_reachable", response: ["update"], detail: "why" };
  writeTree(path, {
    "vex.cdx.json": JSON.stringify({
      bomFormat: "CycloneDX",
      components: [{ "bom-ref": "x", purl: "pkg:pypi/Example@1.0" }],
      vulnerabilities: [
        { id: "CVE-1", affects: [{ ref: "x" }], analysis },
        { id: "CVE-2", affects: [{ ref: "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg:pypi/other@1.0" }] },
        { id: "CVE-3", affects: [{ ref: "pkg:pypi/example@2.0" }] },
      ],
    }),
    "vex.json": JSON.stringify({
      "@context": "https://openvex.dev/ns/v0.2.0",
      statements: [
        { vulnerability: { name: "CVE-0" }, products: [{ "@id": "pkg:pypi/example@1.0" }], status: "fixed" },
      ],
    }),
    "broken.json": "{",
  });
  const { document } = await sbom("--venv", whole, "--vex", "vex.cdx.json", "--vex", "vex.json");
  const ids = document.vulnerabilities.map(({ id }: { id: string }) => id);
  assert.deepEqual(ids, ["CVE-0", "CVE-1", "CVE-2"]);
  assert.deepEqual(document.vulnerabilities[1].analysis, analysis);
  assert.equal((await tspip("ext", "sbom", "--venv", whole, "--vex", "broken.json")).exitCode, 2);
});

test("ext sbom: an environment or something else, not both", async () => {
  assert.equal((await tspip("ext", "sbom", "--venv", whole, "-r", "requirements.txt")).exitCode, 2);
  assert.equal((await tspip("ext", "sbom", "-r", "nowhere.txt")).exitCode, 2);
});

test("ext sbom: XML is valid by the official schemas", { skip: xmlSkip }, async () => {
  const env = scene.copy("xml");
  writeTree(env, {
    [`${site}/example-1.0.dist-info/licenses/LICENSE`]: "<&>\u0000",
    [`${site}/example-1.0.dist-info/sboms/inner.cdx.json`]: JSON.stringify({
      bomFormat: "CycloneDX",
      components: [{ name: "<zlib>\u0001\ud800", "bom-ref": "z", licenses: [{ expression: "MIT OR Zlib" }] }],
      dependencies: [{ ref: "z" }],
    }),
  });
  for (const version of ["1.6", "1.7"]) {
    const argv = ["--output-format", "xml", "--spec-version", version, "--files", "--license-texts", "-o", "out.xml"];
    const { exitCode } = await tspip("ext", "sbom", "--venv", env, "--validate", ...argv);
    assert.equal(exitCode, 0);
    assert.equal(xmlProblems(join(path, "out.xml"), version), "");
  }
});

test("ext sbom: XML has the serial number of the same document in JSON", async () => {
  const { document } = await sbom("--venv", whole);
  const { stdout } = await tspip("ext", "sbom", "--venv", whole, "--output-format", "xml");
  assert.ok(stdout.includes(`serialNumber="${document.serialNumber}"`));
  assert.equal(stdout.match(/<component type="library"/g)?.length, 2);
});
