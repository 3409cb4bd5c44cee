import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeAuditScene, site } from "../../testing/audit-scene.ts";
import { writeTree } from "../../testing/install-scene.ts";

const scene = await makeAuditScene();
const { whole, tspip, path } = scene;
after(() => scene[Symbol.dispose]());

const advisory = (id: string, name: string, affected: object, more: object = {}) =>
  JSON.stringify({
    id,
    summary: `About ${name}`,
    affected: [{ package: { ecosystem: "PyPI", name }, ...affected }],
    ...more,
  });
const range = (...events: object[]) => ({ ranges: [{ type: "ECOSYSTEM", events }] });

test("audit --osv: advisories about installed versions, by list and by range", async () => {
  writeTree(join(path, "osv"), {
    "a.json": advisory("OSV-1", "Example", range({ introduced: "0" }, { fixed: "1.0.1" }), { aliases: ["CVE-1"] }),
    "b.json": advisory("OSV-2", "example", range({ introduced: "0" }, { fixed: "1.0" })),
    "c.json": advisory("OSV-3", "example", { versions: ["1.0"] }),
    "d.json": advisory("OSV-4", "example", range({ introduced: "1.0" }, { last_affected: "1.0" })),
    "e.json": advisory("OSV-5", "example", range({ introduced: "2" })),
    "f.json": advisory("OSV-6", "example", { versions: ["1.0"] }, { withdrawn: "2026-01-01T00:00:00Z" }),
    "g.json": advisory("OSV-7", "absent", { versions: ["1.0"] }),
    "h.json": "{",
    "i.json": advisory("OSV-8", "example", { versions: ["1.0.0"] }, { withdrawn: null }),
    "j.json": advisory("OSV-9", "no name!", { versions: ["1.0"] }),
  });
  const { exitCode, report } = await scene.audit(whole, "--osv", "osv");
  const messages = report.artifacts.flatMap(({ findings }) => findings).map(({ message }) => message);
  assert.equal(exitCode, 1);
  assert.deepEqual(messages, [
    '"example" 1.0 is affected by OSV-1 (CVE-1): About Example; fixed in 1.0.1',
    '"example" 1.0 is affected by OSV-3: About example',
    '"example" 1.0 is affected by OSV-4: About example',
    '"example" 1.0 is affected by OSV-8: About example',
  ]);
});

test("audit --osv: a rebuild under a local version is what it was built of", async () => {
  const env = scene.copy("rebuilt");
  const info = join(env, site, "example-1.0.dist-info");
  const metadata = readFileSync(join(info, "METADATA"), "utf8");
  writeFileSync(join(info, "METADATA"), metadata.replace(/^Version: .*$/m, "Version: 1.0+cu118"));
  writeTree(join(path, "local"), {
    "a.json": advisory("OSV-1", "example", { versions: ["1.0"] }),
    "b.json": advisory("OSV-2", "example", range({ introduced: "0" }, { last_affected: "1.0" })),
    "c.json": advisory("OSV-3", "example", range({ introduced: "0" }, { fixed: "1.0" })),
    "d.json": advisory("OSV-4", "example", { versions: ["1.0+cpu"] }),
    "e.json": advisory("OSV-5", "example", range({ introduced: "0" }, { fixed: "1.0+cu117" })),
  });
  const { report } = await scene.audit(env, "--osv", "local");
  const messages = report.artifacts
    .flatMap(({ findings }) => findings)
    .filter(({ id }) => id === "known-vulnerability");
  assert.deepEqual(
    messages.map(({ message }) => message),
    [
      '"example" 1.0+cu118 is affected by OSV-1: About example',
      '"example" 1.0+cu118 is affected by OSV-2: About example',
    ],
  );
});

test("audit --osv: a folder without advisories is a mistake, not an all-clear", async () => {
  writeTree(join(path, "empty"), { "readme.txt": "" });
  assert.equal((await tspip("audit", "--venv", whole, "--osv", "empty")).exitCode, 2);
  assert.equal((await tspip("audit", "--venv", whole, "--osv", "nowhere")).exitCode, 2);
});

test("audit --chain: each link with its digest and how it is known", async () => {
  const { exitCode, stdout } = await tspip("audit", "--venv", whole, "--chain", "Example", "--format", "json");
  assert.equal(exitCode, 0);
  const [chain] = JSON.parse(stdout).chains;
  const states = chain.links.map(({ link, state }: { link: string; state: string }) => `${link} ${state}`);
  assert.deepEqual(states, [
    "lock absent",
    "index recorded",
    "policy recorded",
    "attestation absent",
    "bytes recorded",
    "record recorded",
    "files verified",
  ]);
  const text = (await tspip("audit", "--venv", whole, "--chain", "example")).stdout;
  assert.match(text, /^example 1\.0 in /);
  assert.match(text, /files +verified .*\(hashing each file\)/);
});

test("audit --chain: what an environment says of itself is escaped, as JSON too", async () => {
  const env = scene.copy("chain-hostile");
  const info = join(env, site, "example-1.0.dist-info");
  rmSync(join(info, "tspip.json"));
  writeFileSync(join(info, "INSTALLER"), "evil\u202e\u009b2J\n");
  // RECORD has another INSTALLER.
  for (const format of ["text", "json"]) {
    const { exitCode, stdout } = await tspip("audit", "--venv", env, "--chain", "example", "--format", format);
    assert.equal(exitCode, 1);
    assert.match(stdout, /evil\\u/, format);
    assert.doesNotMatch(stdout, /[\u009b\u202e]/, format);
  }
});

test("audit --chain and ext sbom: what another installer wrote into provenance_url.json (PEP 710)", async () => {
  const env = scene.copy("provenance");
  const info = join(env, site, "example-1.0.dist-info");
  rmSync(join(info, "tspip.json"));
  const url = "https://e.example/example-1.0-py3-none-any.whl";
  const sha256 = "5a".repeat(32);
  writeFileSync(join(info, "provenance_url.json"), JSON.stringify({ url, archive_info: { hashes: { sha256 } } }));
  const chain = JSON.parse(
    (await tspip("audit", "--venv", env, "--chain", "example", "--format", "json")).stdout,
  ).chains[0].links.filter(({ known_by }: { known_by: string }) => known_by === "provenance_url.json");
  assert.deepEqual(
    chain.map(({ link, state, digest }: { link: string; state: string; digest?: string }) => [link, state, digest]),
    [
      ["index", "recorded", undefined],
      ["bytes", "recorded", `sha256:${sha256}`],
    ],
  );
  const [example] = JSON.parse((await tspip("ext", "sbom", "--venv", env)).stdout).components;
  assert.equal(example.purl, "pkg:pypi/example@1.0?file_name=example-1.0-py3-none-any.whl");
  assert.deepEqual(example.hashes, [{ alg: "SHA-256", content: sha256 }]);
  assert.equal(example.externalReferences[0].url, url);
  // An installer's word is no comparison of ours.
  assert.deepEqual(
    example.evidence.identity.map(({ field }: { field: string }) => field),
    ["purl"],
  );
});

test("audit --chain: what a receipt says does nothing to a terminal, and passwords are not told", async () => {
  const env = scene.copy("bent");
  const place = join(env, site, "example-1.0.dist-info/tspip.json");
  const receipt = JSON.parse(readFileSync(place, "utf8"));
  receipt.artifact.url = "https://user:secret@e.example/\u009b31m\u202e";
  writeFileSync(place, JSON.stringify(receipt));
  for (const format of ["json", "text"]) {
    const { stdout } = await tspip("audit", "--venv", env, "--chain", "example", "--format", format);
    assert.match(stdout, /\*\*\*@e\.example/);
    assert.doesNotMatch(stdout, /secret|[\u0080-\u009f\u202e]/);
  }
});

test("audit --chain: a lock file is its beginning, and has to have the archive", async () => {
  const receipt = JSON.parse(readFileSync(join(whole, site, "example-1.0.dist-info/tspip.json"), "utf8"));
  const lock = (sha256: string) =>
    `lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "example"\nversion = "1.0"\nwheels = [{ url = "https://e.example/example-1.0-py3-none-any.whl", hashes = { sha256 = "${sha256}" } }]\n`;
  writeTree(path, {
    "pylock.toml": lock(receipt.artifact.hashes.sha256),
    "pylock.other.toml": lock("0".repeat(64)),
  });
  const argv = ["audit", "--venv", whole, "--chain", "example", "--lock"];
  assert.match((await tspip(...argv, "pylock.toml")).stdout, /lock +verified/);
  const other = await tspip(...argv, "pylock.other.toml");
  assert.equal(other.exitCode, 1);
  assert.match(other.stdout, /lock +broken/);
});

test("audit --chain: a changed file breaks it; what is not installed has none", async () => {
  const env = scene.copy("changed");
  appendFileSync(join(env, site, "example/sub/mod.py"), "#");
  const { exitCode, stdout } = await tspip("audit", "--venv", env, "--chain", "example");
  assert.equal(exitCode, 1);
  assert.match(stdout, /files +broken .*1 changed or missing: "example\/sub\/mod\.py"/);
  assert.equal((await tspip("audit", "--venv", env, "--chain", "nothing")).exitCode, 2);
});

test("audit --discover: every environment below a folder, in one report that says which", async () => {
  const [first, second] = [scene.copy("many/first"), scene.copy("many/deep/er/second")];
  writeTree(second, { [`${site}/evil.py`]: "" });
  const { exitCode, stdout } = await tspip("audit", "--discover", "many");
  assert.equal(exitCode, 0);
  assert.match(stdout, /many\/deep\/er\/second: "evil\.py" belongs to no distribution/);
  assert.match(stdout, /4 distributions audited/);
  assert.ok(!stdout.includes(`${first}:`));
  const { stdout: document } = await tspip("ext", "sbom", "--discover", "many");
  assert.equal(JSON.parse(document).components.length, 4);
  assert.equal((await tspip("audit", "--discover", "osv")).exitCode, 2);
});

test("audit --discover: a folder called dev, and what somebody hides behind a pyvenv.cfg of his own", async () => {
  const envs = [scene.copy("hidden/dev/app"), scene.copy("hidden/proc/.venv"), scene.copy("hidden/mask/inner/env")];
  for (const env of envs) writeTree(env, { [`${site}/evil.py`]: "" });
  writeTree(join(path, "hidden/mask"), { "pyvenv.cfg": "", [`${site}/README.txt`]: "" });
  const { stdout } = await tspip("audit", "--discover", "hidden");
  assert.equal(stdout.match(/"evil\.py" belongs to no distribution/g)?.length, 3, stdout);
  writeTree(join(path, "hidden/empty"), { "pyvenv.cfg": "" });
  assert.equal((await tspip("audit", "--discover", "hidden")).exitCode, 4);
});

test("audit: a pyvenv.cfg that is a pipe or a device, or takes long to read", async () => {
  const env = scene.copy("odd");
  const place = join(env, "pyvenv.cfg");
  writeFileSync(place, `home =${" ".repeat(200_000)}x\u2028${" ".repeat(200_000)}y\n`);
  const start = performance.now();
  await tspip("audit", "--venv", env);
  assert.ok(performance.now() - start < 10_000);
  rmSync(place);
  execFileSync("mkfifo", [place]);
  assert.equal((await tspip("audit", "--venv", env)).exitCode, 4);
  rmSync(place);
  symlinkSync("/dev/zero", place);
  assert.equal((await tspip("audit", "--venv", env)).exitCode, 4);
});
