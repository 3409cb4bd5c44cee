import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeFakeEnvironment } from "../../testing/fake-interpreter.ts";
import { writeTree } from "../../testing/install-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { edgesIn, sbomBy } from "../../testing/sbom-document.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import { typeCommand } from "../../testing/type-command.ts";

/** SBOMs of what is not installed: wheels, requirements, lock files of every tool. */

const folder = temporaryFolder();
const { path } = folder;
after(() => folder[Symbol.dispose]());
const sbom = sbomBy((...argv) => typeCommand(path, argv));
const digest = "5a".repeat(32);

test("ext sbom: wheels and folders of wheels, with their digests and dependencies", async () => {
  const wheels = join(path, "wheels");
  const needed = makeWheel({ name: "needed" });
  const needing = makeWheel({ name: "needing", metadata: ["Requires-Dist: needed"] });
  writeTree(wheels, { [needed.filename]: needed.bytes, [needing.filename]: needing.bytes });
  const { names, components, document } = await sbom(wheels);
  assert.deepEqual(names, ["needed 1.0", "needing 1.0"]);
  assert.equal(components[0]?.hashes?.[0]?.content, needed.sha256);
  assert.deepEqual(document.metadata.lifecycles, [{ phase: "post-build" }]);
  assert.deepEqual(edgesIn(document).needing, ["needed"]);
  assert.deepEqual((await sbom(join(wheels, needed.filename))).names, ["needed 1.0"]);
  const { exitCode, stderr } = await typeCommand(path, ["ext", "sbom", "./absent-1.0-py3-none-any.whl"]);
  assert.equal(exitCode, 2, stderr);
  assert.match(stderr, /^error: Cannot read ".*absent-1\.0-py3-none-any\.whl": .* is not there/);
});

test("ext sbom: requirements as they stand, versions left open and all", async () => {
  writeTree(path, { "requirements.txt": `pinned==1.2 --hash=sha256:${digest}\nopen>=3\n` });
  const { names, components, document } = await sbom("-r", "requirements.txt");
  assert.deepEqual(names, ["open undefined", "pinned 1.2"]);
  assert.equal(components[1]?.hashes?.[0]?.content, digest);
  assert.deepEqual(document.metadata.lifecycles, [{ phase: "pre-build" }]);
  assert.equal(document.compositions[1].aggregate, "unknown");
});

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Behind its name and version. */
  readonly tags?: readonly string[];
  /** As TOML. */
  readonly dependencies?: string;
}

/** A pylock.toml (PEP 751) of packages that each have a wheel for each of their tags. */
function pylock(...packages: readonly LockedPackage[]): string {
  const tables = packages.map(({ name, version, tags = ["py3-none-any"], dependencies = "[]" }) => {
    const wheels = tags.map((tag) => {
      const file = `${name}-${version}-${tag}.whl`;
      return `{ name = "${file}", url = "https://e.example/${file}", hashes = { sha256 = "${digest}" } }`;
    });
    return `[[packages]]\nname = "${name}"\nversion = "${version}"\ndependencies = ${dependencies}\nwheels = [${wheels.join(", ")}]\n`;
  });
  return `lock-version = "1.0"\ncreated-by = "test"\n${tables.join("")}`;
}

test("ext sbom: a lock file, with every archive that may be chosen", async () => {
  const tags = ["py3-none-any", "cp313-cp313-win_amd64"];
  writeTree(path, { "pylock.toml": pylock({ name: "locked", version: "2.0", tags }) });
  const { names, components } = await sbom("--lock", "pylock.toml");
  assert.deepEqual(names, ["locked 2.0"]);
  const archives = components[0]?.externalReferences?.filter(({ type }) => type === "distribution");
  assert.deepEqual(
    archives?.map(({ url }) => url.split("/").at(-1)),
    ["locked-2.0-py3-none-any.whl", "locked-2.0-cp313-cp313-win_amd64.whl"],
  );
  assert.equal(components[0]?.hashes, undefined);
});

test("ext sbom: a lock that has a project twice leads to the version that is meant", async () => {
  const app = { name: "app", version: "1.0", dependencies: '[{ name = "twice", version = "2.0" }]' };
  const both = ["1.0", "2.0"].map((version) => ({ name: "twice", version }));
  writeTree(path, { "pylock.twice.toml": pylock(app, ...both) });
  const { document } = await sbom("--lock", "pylock.twice.toml");
  const { dependsOn } = document.dependencies.find(({ ref }: { ref: string }) => ref.includes("/app@"));
  assert.equal(dependsOn.length, 1);
  assert.match(dependsOn[0], /twice@2\.0/);
});

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
