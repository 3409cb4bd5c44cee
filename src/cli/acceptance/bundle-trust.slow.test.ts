import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "../../distribution/digest.ts";
import {
  alpha,
  beta,
  madeBundle,
  membersOf,
  needsPython,
  otherSide,
  read,
  setBundleScene,
  tryBoth,
  written,
} from "../../testing/bundle-scene.ts";
import { endingWell, makeKeyring, newKeys, putInForce } from "../../testing/keyring-scene.ts";
import { authority, requireAlice } from "../../testing/scene.ts";
import { serveFolder } from "../../testing/serve-folder.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import { typeCommand } from "../../testing/type-command.ts";

/** What of a bundle is believed: its policy and trust material, what indexes said, and what the receiver says against it. */

test("the receiver's policy goes before the bundle's, and so does its trusted root", needsPython, async () => {
  await using scene = await setBundleScene('version = 1\n[default]\nattestation = "if-present"\n');
  const bundle = await madeBundle(scene);
  using own = temporaryFolder();
  const ask = (repository: string) => {
    const path = join(own.path, "own.toml");
    writeFileSync(path, requireAlice.replace("acme/alice", repository));
    return path;
  };
  const accepted = ["--bundle-key", scene.key];
  const root = ["--trusted-root", join(scene.folder, "root.json")];
  assert.equal((await tryBoth(bundle, ...accepted)).exitCode, 0);
  const met = await tryBoth(bundle, ...accepted, ...root, "--policy", ask("acme/alice"));
  assert.deepEqual([met.exitCode, met.findings], [0, []], met.stdout + met.stderr);
  const unmet = await tryBoth(bundle, ...accepted, ...root, "--policy", ask("acme/bob"));
  assert.deepEqual([unmet.exitCode, unmet.findings], [1, ["signer-mismatch"]]);
  // With a policy of one's own comes a trusted root of one's own: that of the scene is not the public one.
  const otherRoot = await tryBoth(bundle, ...accepted, "--policy", ask("acme/alice"));
  assert.equal(otherRoot.exitCode, 1, otherRoot.stdout);

  using other = otherSide();
  other.take(bundle);
  writeFileSync(join(other.path, "tspip.toml"), 'policy = "mine.toml"\n');
  writeFileSync(join(other.path, "mine.toml"), 'version = 1\n[[floor.deny]]\nname = "beta"\n');
  const denied = await other.tspip("verify", "--bundle", "in.zip", ...accepted);
  assert.equal(denied.exitCode, 1, denied.stdout + denied.stderr);
  assert.match(denied.stdout, /denied-by-policy/);
});

test("of a bundle that nobody answers for, only the files are used", needsPython, async () => {
  const policy = `version = 1\n[default]\nattestation = "if-present"\n`;
  await using scene = await setBundleScene(policy);
  const bundle = await madeBundle(scene);
  using own = temporaryFolder();
  const write = (text: string) => {
    const path = join(own.path, "own.toml");
    writeFileSync(path, text);
    return path;
  };
  const root = ["--trusted-root", join(scene.folder, "root.json")];
  const judged = await tryBoth(bundle, "--untrusted-bundle", "--policy", write(requireAlice), ...root);
  assert.deepEqual([judged.exitCode, judged.findings], [0, []], judged.stdout + judged.stderr);
  assert.match(judged.stderr, /Nobody who is accepted has made the bundle/);
  // Neither its trusted root, nor its policy.
  const withoutRoot = await tryBoth(bundle, "--untrusted-bundle");
  assert.deepEqual([withoutRoot.exitCode, withoutRoot.findings], [1, ["attestation-invalid"]], withoutRoot.stdout);
  // Nor what it says of indexes.
  const sources = `version = 1\n[default]\nattestation = "if-present"\nsources = ["${scene.index.url}"]\n`;
  const elsewhere = await tryBoth(bundle, "--untrusted-bundle", "--policy", write(sources), ...root);
  assert.deepEqual([elsewhere.exitCode, elsewhere.findings], [1, ["source-refused"]], elsewhere.stdout);
  const said = await tryBoth(bundle, "--bundle-key", scene.key, "--policy", write(sources), ...root);
  assert.deepEqual([said.exitCode, said.findings], [0, []], said.stdout + said.stderr);

  const members = membersOf(bundle);
  const bytes = Buffer.from(members.get(`artifacts/${alpha.filename}`) ?? []);
  bytes.writeUInt8(1, bytes.length - 3);
  const changed = await tryBoth(
    written(members.set(`artifacts/${alpha.filename}`, bytes)),
    "--untrusted-bundle",
    ...root,
  );
  assert.deepEqual([changed.exitCode, changed.findings], [1, ["bundle-contents-mismatch"]], changed.stdout);
});

test("what indexes said is judged on the other side as it was on this one", needsPython, async () => {
  const about = (index: string) => `version = 1
[default]
attestation = "if-present"
min-age = "P1W"
missing-time = "deny"
sources = ["${index}"]
hashes = "index"
[floor.status]
yanked = "deny"
[[rule]]
match = { relation = "transitive" }
attestation = "require"
publish = { signer = "nobody" }
[signers.nobody]
kind = "github"
repository = "no/body"
workflow = "release.yml"
`;
  await using scene = await setBundleScene();
  scene.write("team/policy.toml", about(scene.index.url));
  const bundle = await madeBundle(scene);
  const { exitCode, stdout, stderr } = await tryBoth(bundle, "--bundle-key", scene.key);
  assert.equal(exitCode, 0, stdout + stderr);

  // A later deny list of the receiver's refuses what was allowed when the bundle was made.
  scene.write("deny.toml", `version = 1\n[[floor.deny]]\nsha256 = "${digestOf(beta.bytes)}"\n`);
  const denied = await tryBoth(bundle, "--bundle-key", scene.key, "--policy", join(scene.folder, "deny.toml"));
  assert.ok(denied.findings.includes("denied-by-policy"), denied.stdout);
});

test("a policy is bundled with what it includes and its pins, also from outside its folder", needsPython, async () => {
  const base = 'version = 1\n[[floor.deny]]\nname = "gamma"\n';
  await using scene = await setBundleScene(`version = 1
include = [{ file = "../base/policy.toml", sha256 = "${digestOf(Buffer.from(base))}" }]
[default]
attestation = "if-present"
continuity = { pins = "pins/tspip.pins.json", on-new = "deny" }
`);
  scene.write("base/policy.toml", base);
  scene.write("team/pins/tspip.pins.json", '{"schema":"tspip-pins/1","projects":{}}');
  const place = ["-i", scene.index.url, "--trusted-root", "root.json"];
  const asked = ["alpha==1.0", "beta==2.1", "--policy", "team/policy.toml"];
  const pinned = await scene.tspipAlone("policy", "pin", ...asked, ...place);
  assert.equal(pinned.exitCode, 0, pinned.stdout + pinned.stderr);
  const bundle = await madeBundle(scene);
  const members = [...membersOf(bundle).keys()].filter((name) => name.startsWith("policy/"));
  assert.deepEqual(members, ["policy/base/policy.toml", "policy/team/pins/tspip.pins.json", "policy/team/policy.toml"]);
  const { exitCode, stdout, stderr } = await tryBoth(bundle, "--bundle-key", scene.key);
  assert.equal(exitCode, 0, stdout + stderr);
});

for (const form of ["plain", "served", "tuf"] as const)
  test(`a keyring is bundled as it is shown now: ${form}`, needsPython, async () => {
    await using scene = await setBundleScene();
    const type = endingWell(scene.tspipAlone);
    await newKeys(type, ["root", "daily", "signer"]);
    const url = `${scene.index.origin}/keyring/`;
    const shape = form === "plain" ? [] : ["--url", url, "--form", form === "tuf" ? "tuf" : "plain"];
    const begin = ["--name", "k", ...shape];
    await makeKeyring(type, { roots: ["root"], members: { release: "signer" }, project: "*", begin });
    scene.index.fault = serveFolder(join(scene.folder, "k"), "/keyring/");
    for (const wheel of [alpha, beta]) scene.write(`wheels/${wheel.filename}`, wheel.bytes);
    await type("sign", "--key", "signer.pem", `wheels/${alpha.filename}`, `wheels/${beta.filename}`);
    scene.write(
      "team/policy.toml",
      `version = 1
[trust]
keyring = { file = "../k/keyring.json" }
[signers.release]
kind = "key"
key = "release"
[default]
attestation = "ignore"
hashes = "any"
signatures = { signer = "release" }
`,
    );
    const out = ["--policy", "team/policy.toml", "--bundle", "out.zip", "--key", "maker.pem"];
    const made = await scene.tspipAlone("download", "wheels/", ...out);
    assert.equal(made.exitCode, 0, made.stdout + made.stderr);
    const bundle = read(scene, "out.zip");
    await scene.tspipAlone("download", "wheels/", ...out);
    assert.deepEqual(read(scene, "out.zip"), bundle, "the same again");
    const { exitCode, stdout, stderr } = await tryBoth(bundle, "--bundle-key", scene.key);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /signed \(detached\) by/);

    // A keyring may also say who makes bundles; here it is the one that signs wheels.
    if (form !== "plain") return;
    await type("keyring", "add", "k", "maker", "--key", "maker.pem.pub", "--project", "*");
    await putInForce(type, "root");
    const accepted = ["--bundle-key", join(scene.folder, "k/keyring.json")];
    await scene.tspipAlone("download", "wheels/", ...out);
    const byKeyring = await tryBoth(read(scene, "out.zip"), ...accepted);
    assert.equal(byKeyring.exitCode, 0, byKeyring.stdout + byKeyring.stderr);
    // The keyring in the first one is older than what says that its maker may make it.
    using other = otherSide();
    other.take(bundle);
    const older = await other.tspip("verify", "--bundle", "in.zip", ...accepted);
    assert.equal(older.exitCode, 3, older.stdout + older.stderr);
    assert.match(older.stdout, /keys\.jws has version 1, and version 2 was there before/);
  });

test("how old the trusted root may be, holds on the other side as well", needsPython, async () => {
  await using scene = await setBundleScene();
  const { trustedRootJson } = authority;
  scene.write("team/root.json", trustedRootJson);
  const about = (maxAge: string) =>
    requireAlice.replace("[signers", `[trust]\nsigstore = { file = "root.json", max-age = "${maxAge}" }\n[signers`);
  scene.write("team/policy.toml", about("P30D"));
  const asked = ["alpha==1.0", "beta==2.1", "--policy", "team/policy.toml"];
  const out = ["-i", scene.index.url, "--bundle", "out.zip", "--key", "maker.pem"];
  const made = await scene.tspipAlone("download", ...asked, ...out);
  assert.equal(made.exitCode, 0, made.stdout + made.stderr);
  const bundle = read(scene, "out.zip");
  const fresh = await tryBoth(bundle, "--bundle-key", scene.key);
  assert.equal(fresh.exitCode, 0, fresh.stdout + fresh.stderr);

  using other = otherSide();
  other.take(bundle);
  const later = new Date(Date.now() + 31 * 24 * 3_600_000);
  const old = await typeCommand(other.path, ["verify", "--bundle", "in.zip", "--bundle-key", scene.key], {
    now: () => later,
  });
  assert.equal(old.exitCode, 3, old.stdout + old.stderr);
  assert.match(old.stdout, /trusted root .* the policy asks for one of the last P30D/);
});

test(
  "a policy of the receiver's that takes files of this machine only, and pinned ones, takes them from any bundle",
  needsPython,
  async () => {
    await using scene = await setBundleScene();
    const bundle = await madeBundle(scene);
    using other = otherSide();
    other.take(bundle);
    const write = (name: string, text: string) => writeFileSync(join(other.path, name), text);
    write("ours.toml", 'version = 1\n[default]\nattestation = "require"\nhashes = "require"\nsources = ["local"]\n');
    const lines = [`alpha==1.0 --hash=sha256:${alpha.sha256}`, `beta==2.1 --hash=sha256:${beta.sha256}`];
    write("requirements.txt", lines.join("\n"));
    const own = ["--policy", "ours.toml", "--trusted-root", join(scene.folder, "root.json"), "--venv", "env"];
    const taken = await other.tspip(
      "install",
      "--bundle",
      "in.zip",
      "--untrusted-bundle",
      "-r",
      "requirements.txt",
      ...own,
    );
    assert.equal(taken.exitCode, 0, taken.stdout + taken.stderr);
    assert.deepEqual(other.installed(), ["alpha==1.0", "beta==2.1"]);
    const unpinned = await other.tspip("verify", "--bundle", "in.zip", "--untrusted-bundle", ...own);
    assert.match(unpinned.stdout, /error\[hash-required\]/);
  },
);
