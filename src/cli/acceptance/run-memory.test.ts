import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, requireAlice, type Scene, setScene } from "../../testing/scene.ts";
import { typeCommand } from "../../testing/type-command.ts";

/** What `tspip run` keeps for the next run saves work, and never a judgement. */

const fetchFile = `
const index = process.env.PIP_INDEX_URL;
const page = await (await fetch(index + "demo/", { headers: { accept: "application/vnd.pypi.simple.v1+json" } })).json();
for (const { url } of page.files ?? []) {
  const response = await fetch(new URL(url, index + "demo/"));
  const metadata = await fetch(new URL(url + ".metadata", index + "demo/"));
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  console.log(response.status, metadata.status, Buffer.from(digest).toString("hex"));
}
`;

async function setRunScene(): Promise<{ readonly scene: Scene; readonly sha256: string }> {
  const scene = await setScene();
  scene.write("fetch.mjs", fetchFile);
  const { sha256 } = scene.offer({ name: "demo", version: "1.0" });
  return { scene, sha256 };
}

const run = (scene: Scene, ...options: string[]) =>
  scene.tspipWith({ HOME: scene.folder }, "run", ...options, "--", process.execPath, "fetch.mjs");

test("a second run takes from the cache what passed before, and asks the index only for its page", async () => {
  const { scene, sha256 } = await setRunScene();
  await using _ = scene;
  const first = await run(scene);
  assert.equal(first.stdout, `200 200 ${sha256}\n`, first.stderr);
  const asked = scene.index.requests.length;
  const second = await run(scene);
  assert.equal(second.stdout, first.stdout);
  assert.match(second.stderr, /Allowed 1 artifact/);
  assert.deepEqual(scene.index.requests.slice(asked), ["GET /simple/demo/"]);
  // A page that changed is read anew.
  scene.offer({ name: "demo", version: "1.1" });
  assert.equal((await run(scene)).stdout.split("\n").length, 3);
});

test("what there is to say of an index is said in each run", async () => {
  const { scene, sha256 } = await setRunScene();
  await using _ = scene;
  const page = {
    meta: { "api-version": "1.99" },
    files: [{ filename: "demo-1.0-py3-none-any.whl", url: "/files/demo-1.0-py3-none-any.whl", hashes: { sha256 } }],
  };
  scene.index.fault = ({ url }, response) => {
    if (url !== "/simple/demo/") return false;
    response.setHeader("content-type", "application/vnd.pypi.simple.v1+json").end(JSON.stringify(page));
    return true;
  };
  for (const _ of ["first", "again"]) {
    const { stdout, stderr } = await run(scene);
    assert.equal(stdout, `200 200 ${sha256}\n`);
    assert.match(stderr, /speaks API version 1\.99, newer than tspip knows/);
  }
});

test("what is kept is judged by the policy of the day", async () => {
  const { scene, sha256 } = await setRunScene();
  await using _ = scene;
  await run(scene);
  scene.write("deny.toml", 'version = 1\n[floor]\ndeny = [{ name = "demo" }]\n');
  assert.equal((await run(scene, "--policy", "deny.toml")).stdout, "");
  scene.write("digest.toml", `version = 1\n[floor]\ndeny = [{ sha256 = "${sha256}" }]\n`);
  const denied = await run(scene, "--policy", "digest.toml");
  assert.match(denied.stdout, /^403 /);
  assert.equal(denied.exitCode, 1);
  scene.write("policy.toml", requireAlice);
  assert.match((await run(scene, "--policy", "policy.toml")).stdout, /^403 /);
});

test("what lies beside a local file is looked at in each run", async () => {
  await using scene = await setScene();
  const demo = makeWheel({ name: "demo" });
  const publisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" } as const;
  scene.write("fetch.mjs", fetchFile.replace(/const metadata = .*/, "const metadata = {};"));
  scene.write("policy.toml", requireAlice);
  scene.write(`wheels/${demo.filename}`, demo.bytes);
  const local = (...more: string[]) => run(scene, "-f", "wheels", ...more);
  assert.match((await local()).stdout, /^200 /);
  assert.match((await local("--policy", "policy.toml")).stdout, /^403 /);
  scene.write(`wheels/${demo.filename}.provenance`, provenanceOf(demo, publisher));
  assert.match((await local("--policy", "policy.toml")).stdout, /^200 /, "an attestation that came counts at once");
  scene.write(`wheels/${demo.filename}.publish.attestation`, "{}");
  for (const policy of [[], ["--policy", "policy.toml"]]) {
    const { exitCode, stdout, stderr } = await local(...policy);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^403 /);
    assert.match(stderr, /attestation-unreadable/);
  }
});

test("what somebody changed in the cache is noticed", async () => {
  const { scene, sha256 } = await setRunScene();
  await using _ = scene;
  await run(scene);
  const cache = join(scene.folder, ".cache/tspip");
  const stored = join(cache, "artifacts", sha256.slice(0, 2), sha256);
  const bytes = readFileSync(stored);
  writeFileSync(
    stored,
    bytes.map((byte, at) => (at === 60 ? byte ^ 1 : byte)),
  );
  assert.equal((await run(scene)).stdout, `200 200 ${sha256}\n`);

  const [seen = ""] = readdirSync(join(cache, "inspected"));
  const evidence = JSON.parse(readFileSync(join(cache, "inspected", seen), "utf8"));
  writeFileSync(join(cache, "inspected", seen), JSON.stringify({ ...evidence, value: "broken" }));
  assert.equal((await run(scene)).stdout, `200 200 ${sha256}\n`);

  // Where others may write, nothing is believed.
  for (const part of ["inspected", "pages"]) {
    const [file = ""] = readdirSync(join(cache, part));
    writeFileSync(join(cache, part, file), "{}");
    chmodSync(join(cache, part), 0o777);
  }
  const { stdout, stderr } = await run(scene);
  assert.equal(stdout, `200 200 ${sha256}\n`);
  assert.match(stderr, /inspected" is not used: others may write to it/);
});

test("a tampered wheel stays refused when it is asked for again", async () => {
  await using scene = await setScene();
  scene.write("fetch.mjs", fetchFile);
  scene.offer({ name: "demo", version: "1.0", altered: { "demo/__init__.py": "import evil\n" } });
  for (const _ of ["first", "again"]) {
    const { exitCode, stdout, stderr } = await run(scene);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^403 /);
    assert.match(stderr, /record-mismatch/);
  }
});

test("a wheel that asks for something by URL stays refused, also where what is remembered of it is broken", async () => {
  await using scene = await setScene();
  // The METADATA in the wheel alone says so: the index's own would be refused before.
  scene.write("fetch.mjs", fetchFile.replace(/const metadata = .*/, "const metadata = {};"));
  scene.offer({ name: "demo", version: "1.0", metadata: ["Requires-Dist: other @ https://example.org/other.whl"] });
  const refused = async () => {
    const { exitCode, stdout, stderr } = await run(scene);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^403 /);
    assert.match(stderr, /dependency-by-url/);
  };
  await refused();
  await refused();
  const inspected = join(scene.folder, ".cache/tspip/inspected");
  for (const name of readdirSync(inspected)) {
    const stored = JSON.parse(readFileSync(join(inspected, name), "utf8"));
    for (const value of ["broken", "{}", 7]) {
      writeFileSync(join(inspected, name), JSON.stringify({ ...stored, value }));
      await refused();
    }
    writeFileSync(join(inspected, name), JSON.stringify(stored));
  }
});

test("without a trusted root, what no attestation comes with is judged all the same, and the rest stays open", async () => {
  const { scene, sha256 } = await setRunScene();
  await using _ = scene;
  scene.write("policy.toml", 'version = 1\n[trust]\nsigstore = { tuf = "https://tuf.example/", root = "root.json" }\n');
  const run = (...more: string[]) =>
    typeCommand(
      scene.folder,
      ["run", "-i", scene.index.url, "--policy", "policy.toml", ...more, "--", process.execPath, "fetch.mjs"],
      { env: { HOME: scene.folder } },
    );
  for (const more of [[], ["--no-cache-dir"]])
    assert.equal((await run(...more)).stdout, `200 200 ${sha256}\n`, more.join());
  scene.offer({ name: "demo", version: "1.0" }, { provenance: '{"version":1,"attestation_bundles":[]}' });
  for (const more of [[], ["--no-cache-dir"]]) {
    const { exitCode, stdout, stderr } = await run(...more);
    assert.equal(exitCode, 3, stderr);
    assert.match(stdout, /^50[34] /);
    assert.match(stderr, /No trusted root of "https:\/\/tuf\.example\/" is stored/);
  }
});

test("that nobody vouches for a file is asked anew: somebody may have done so since", async () => {
  await using scene = await setScene();
  scene.write("fetch.mjs", fetchFile);
  const wheel = scene.offer({ name: "demo", version: "1.0" });
  const made = await scene.tspipAlone("key", "new", "k.pem", "--no-passphrase");
  const [, key] = /^Key: (\S+)$/m.exec(made.stdout) ?? [];
  const places = JSON.stringify(["index", `${scene.index.origin}/attestations/{sha256}`]);
  scene.write("attested.toml", requireAlice.replace("[default]", `[trust]\nattestations = ${places}\n[default]`));
  const signers = `[signers.k]\nkind = "key"\nkey = "${key}"\n`;
  scene.write(
    "signed.toml",
    `version = 1\n${signers}[default]\nattestation = "ignore"\nsignatures = { signer = "k" }\n`,
  );
  const refused = async (policy: string) => (await run(scene, "--policy", policy)).stdout.startsWith("403");
  for (const policy of ["attested.toml", "signed.toml"]) assert.ok(await refused(policy), policy);

  const alice = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" } as const;
  scene.offer({ name: "demo", version: "1.0" }, { attestations: provenanceOf(wheel, alice) });
  scene.write(wheel.filename, wheel.bytes);
  await scene.tspipAlone("sign", "--key", "k.pem", wheel.filename);
  const signature = readFileSync(join(scene.folder, `${wheel.filename}.jws`));
  scene.index.fault = ({ url = "" }, response) => {
    if (!url.endsWith(".jws")) return false;
    response.end(signature);
    return true;
  };
  for (const policy of ["attested.toml", "signed.toml"]) assert.ok(!(await refused(policy)), policy);
});

test("with --no-cache-dir nothing is kept", async () => {
  const { scene, sha256 } = await setRunScene();
  await using _ = scene;
  assert.equal((await run(scene, "--no-cache-dir")).stdout, `200 200 ${sha256}\n`);
  assert.equal(statSync(join(scene.folder, ".cache"), { throwIfNoEntry: false }), undefined);
});

const forDirectOnly = `version = 1
[default]
attestation = "require"
[[exception]]
id = "EX-1"
match = { name = "demo", relation = "direct" }
waive = ["attestation"]
reason = "we asked for it"
owner = "me"
expires = 2099-01-01
`;

test("what an exception waives for direct requirements only is not waived where nobody knows who needs a file", async () => {
  const { scene } = await setRunScene();
  await using _ = scene;
  scene.write("policy.toml", forDirectOnly);
  const { exitCode, stdout, stderr } = await run(scene, "--policy", "policy.toml");
  assert.match(stdout, /^403 /, stderr);
  assert.equal(exitCode, 1);
});
