import assert from "node:assert/strict";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  });
  const { exitCode, report } = await scene.audit(whole, "--osv", "osv");
  const messages = report.artifacts.flatMap(({ findings }) => findings).map(({ message }) => message);
  assert.equal(exitCode, 1);
  assert.deepEqual(messages, [
    '"example" 1.0 is affected by OSV-1 (CVE-1): About Example; fixed in 1.0.1',
    '"example" 1.0 is affected by OSV-3: About example',
    '"example" 1.0 is affected by OSV-4: About example',
  ]);
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
