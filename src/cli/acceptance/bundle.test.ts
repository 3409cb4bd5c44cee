import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  alpha,
  beta,
  madeBundle,
  membersOf,
  needsPython,
  otherSide,
  read,
  setBundleScene,
  signedAnew,
  tryBoth,
  written,
} from "../../testing/bundle-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { requireAlice } from "../../testing/scene.ts";
import { snapshot } from "../../testing/tree.ts";
import type { ZipMember } from "../../testing/zip-writer.ts";
import type { Report } from "../report/report.ts";

/** `tspip download --bundle` on one side of the gap, `tspip install --bundle` on the other. */

test("a bundle installs where there is no index, no cache and no configuration", needsPython, async () => {
  await using scene = await setBundleScene();
  const { exitCode, stdout, stderr } = await scene.make();
  assert.equal(exitCode, 0, stdout + stderr);
  assert.match(stderr, new RegExp(`Wrote out\\.zip: 2 artifacts, signed by ${scene.key}`));
  assert.ok(!existsSync(join(scene.folder, alpha.filename)), "the bundle is all that is written");

  using other = otherSide();
  other.take(read(scene, "out.zip"));
  const verified = await other.tspip("verify", "--bundle", "in.zip", "--bundle-key", scene.key);
  assert.equal(verified.exitCode, 0, verified.stdout + verified.stderr);
  assert.match(verified.stdout, /Allowed 2 artifacts under policy "policy\.toml in in\.zip"/);
  const installed = await other.tspip(
    "install",
    "--bundle",
    "in.zip",
    "--bundle-key",
    scene.key,
    "--venv",
    "env",
    "--sbom",
    "sbom.json",
  );
  assert.equal(installed.exitCode, 0, installed.stdout + installed.stderr);
  assert.match(installed.stdout, /published by GitHub acme\/alice/);
  assert.deepEqual(other.installed(), ["alpha==1.0", "beta==2.1"]);
  assert.ok(
    readFileSync(join(other.path, "sbom.json"), "utf8").includes(`${scene.index.origin}/files/`),
    "where it came from is known",
  );
});

test("a report says what the bundle has, by its name in there, and what its maker pinned", needsPython, async () => {
  await using scene = await setBundleScene();
  using other = otherSide();
  other.take(await madeBundle(scene));
  const verify = ["verify", "--bundle", "in.zip", "--bundle-key", scene.key];
  const text = await other.tspip(...verify);
  assert.match(text.stdout, /hash pinned by the bundle/);
  assert.doesNotMatch(text.stdout, /pinned by you/);
  const { stdout } = await other.tspip(...verify, "--format", "json");
  const { artifacts }: Report = JSON.parse(stdout);
  const sources = artifacts.flatMap(({ evidence }) => evidence.flatMap(({ source = [] }) => source));
  assert.deepEqual(sources, [
    `evidence/${alpha.filename}.provenance in in.zip`,
    `evidence/${beta.filename}.provenance in in.zip`,
  ]);
  assert.doesNotMatch(stdout, /tspip-bundle-/);
  const verbose = await other.tspip(...verify, "-v");
  assert.doesNotMatch(verbose.stdout, /no-provenance/, "of the release the bundle says nothing");
});

test("the same artifacts, evidence and policy make the same bytes", needsPython, async () => {
  await using scene = await setBundleScene();
  const first = await madeBundle(scene);
  assert.deepEqual(await madeBundle(scene), first);
});

test("who made a bundle is the receiver's to say", needsPython, async () => {
  await using scene = await setBundleScene();
  const bundle = await madeBundle(scene);
  const nobody = await tryBoth(bundle);
  assert.deepEqual([nobody.exitCode, nobody.findings], [1, ["bundle-signer-unknown"]]);
  assert.match(nobody.stdout, /hint: Ask its maker for the public key, by a different route/);

  await scene.tspipAlone("key", "new", "other.pem", "--no-passphrase");
  const stranger = await tryBoth(bundle, "--bundle-key", join(scene.folder, "other.pem.pub"));
  assert.deepEqual([stranger.exitCode, stranger.findings], [1, ["bundle-signer-unknown"]]);
  assert.equal((await tryBoth(bundle, "--bundle-key", join(scene.folder, "maker.pem.pub"))).exitCode, 0);

  const members = membersOf(bundle);
  members.delete("manifest.jws");
  const unsigned = await tryBoth(written(members), "--bundle-key", scene.key);
  assert.deepEqual([unsigned.exitCode, unsigned.findings], [1, ["bundle-unsigned"]]);
});

test("hostile bundles are refused, and leave nothing behind", needsPython, async (context) => {
  await using scene = await setBundleScene();
  const bundle = await madeBundle(scene);
  const members = membersOf(bundle);
  const wheel = `artifacts/${alpha.filename}`;
  const flipped = (name: string) => {
    const bytes = Buffer.from(members.get(name) ?? assert.fail(name));
    bytes.writeUInt8((bytes.at(-3) ?? 0) ^ 1, bytes.length - 3);
    return written(new Map(members).set(name, bytes));
  };
  const without = (name: string) => written(new Map([...members].filter(([path]) => path !== name)));
  const extra = (path: string, more: Partial<ZipMember> = {}) =>
    written(members, [{ path, content: Buffer.from("evil"), stored: true, ...more }]);
  const zeros = Buffer.alloc(1 << 20);
  const cases: Record<string, [Buffer, finding: string]> = {
    "an artifact is another one": [flipped(wheel), "hash-mismatch"],
    "the policy is another one": [flipped("policy/policy.toml"), "bundle-contents-mismatch"],
    "the trusted root is another one": [flipped("trusted_root.json"), "bundle-contents-mismatch"],
    "evidence is other": [flipped(`evidence/${alpha.filename}.provenance`), "bundle-contents-mismatch"],
    "the manifest was changed": [flipped("manifest.json"), "bundle-signature-invalid"],
    "the signature was changed": [flipped("manifest.jws"), "bundle-signature-invalid"],
    "no manifest": [without("manifest.json"), "bundle-contents-mismatch"],
    "an artifact is missing": [without(wheel), "bundle-contents-mismatch"],
    "the lock is missing": [without("pylock.toml"), "bundle-contents-mismatch"],
    "a member more": [extra("artifacts/evil-1.0-py3-none-any.whl"), "bundle-contents-mismatch"],
    "a document more": [extra("evidence/evil.provenance"), "bundle-contents-mismatch"],
    "a member twice": [extra("policy/policy.toml"), "archive-ambiguous"],
    "a member twice, in other letters": [extra("policy/POLICY.toml"), "archive-ambiguous"],
    "a path that leads out": [extra("../evil"), "archive-unsafe-path"],
    "an absolute path": [extra("/tmp/evil"), "archive-unsafe-path"],
    "a backslash": [extra("policy\\evil"), "archive-unsafe-path"],
    "a link": [extra("policy/link", { mode: 0o120777 }), "archive-unsafe-member"],
    "a bomb": [extra("evidence/bomb", { content: zeros, stored: false }), "bundle-contents-mismatch"],
    "a size that lies": [extra("evidence/bomb", { central: { size: 2 ** 31 } }), "archive-ambiguous"],
    "bytes before it": [written(members, [], { before: Buffer.from("#!/bin/sh\n") }), "archive-ambiguous"],
    "bytes behind it": [Buffer.concat([bundle, Buffer.from("more")]), "archive-unreadable"],
    "cut short": [bundle.subarray(0, bundle.length - 100), "archive-unreadable"],
    "cut in half": [bundle.subarray(0, bundle.length / 2), "archive-unreadable"],
    "no archive": [Buffer.from("hello"), "archive-unreadable"],
    empty: [Buffer.of(), "archive-unreadable"],
  };
  for (const [name, [bytes, finding]] of Object.entries(cases))
    await context.test(name, async () => {
      const answer = await tryBoth(bytes, "--bundle-key", scene.key);
      assert.equal(answer.exitCode, 1, answer.stdout + answer.stderr);
      assert.ok(answer.findings.includes(finding), answer.stdout);
    });
});

test("a manifest that cannot be used is an error, also when its maker is trusted", needsPython, async (context) => {
  await using scene = await setBundleScene();
  const bundle = await madeBundle(scene);
  type Manifest = Record<string, unknown> & { artifacts: Record<string, unknown>[] };
  const cases: Record<string, [(manifest: Manifest) => void, RegExp]> = {
    "a later version": [(manifest) => Object.assign(manifest, { version: 2 }), /has version 2 of the format/],
    "another type": [(manifest) => Object.assign(manifest, { type: "tspip-keys" }), /manifest\.type/],
    "what is not known": [
      (manifest) => Object.assign(manifest, { "skip-checks": true }),
      /"skip-checks", which is not known/,
    ],
    "a file of this machine": [
      ({ artifacts: [first] }) => Object.assign(first ?? {}, { url: "file:///etc/passwd" }),
      /is no http or https URL/,
    ],
    "a name that leads out": [
      ({ artifacts: [first] }) => Object.assign(first ?? {}, { filename: "../../evil-1.0-py3-none-any.whl" }),
      /no file name of a distribution|does not say once/,
    ],
    "no artifacts": [(manifest) => Reflect.deleteProperty(manifest, "members"), /manifest\.members is absent/],
  };
  for (const [name, [bend, message]] of Object.entries(cases))
    await context.test(name, async () => {
      const bytes = await signedAnew(scene, bundle, (manifest) => bend(manifest as Manifest));
      const { exitCode, stderr } = await tryBoth(bytes, "--bundle-key", scene.key);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, message);
    });
});

test("part of a bundle, and what does not go together", needsPython, async () => {
  await using scene = await setBundleScene();
  const bundle = await madeBundle(scene);
  using other = otherSide();
  other.take(bundle);
  const accepted = ["--bundle", "in.zip", "--bundle-key", scene.key];
  const part = await other.tspip("install", "beta==2.1", "--venv", "env", ...accepted);
  assert.equal(part.exitCode, 0, part.stdout + part.stderr);
  assert.deepEqual(other.installed(), ["beta==2.1"]);
  const absent = await other.tspip("install", "gamma==1.0", "--venv", "env", ...accepted);
  assert.equal(absent.exitCode, 2, absent.stdout + absent.stderr);
  for (const more of [
    ["-i", "https://pypi.org/simple/"],
    ["--lock", "uv.lock"],
    ["-f", "wheels"],
  ]) {
    const { exitCode, stderr } = await other.tspip("install", ...accepted, ...more);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /exclude each other/);
  }
  for (const line of ["-i https://index.example/simple/", "--extra-index-url https://index.example/", "-f wheels"]) {
    writeFileSync(join(other.path, "requirements.txt"), `beta==2.1\n${line}\n`);
    const { exitCode, stderr } = await other.tspip("verify", ...accepted, "-r", "requirements.txt");
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /^error: requirements\.txt:2: --bundle and --[a-z-]+ exclude each other/m);
  }
  assert.match((await other.tspip("verify", "--bundle-key", scene.key)).stderr, /go with --bundle FILE/);
  assert.match((await other.tspip("verify", "--bundle", "none.zip")).stderr, /Cannot read the bundle "none\.zip"/);
  const unsigned = await scene.tspip("download", "beta==2.1", "--policy", "team/policy.toml", "--bundle", "b.zip");
  assert.equal(unsigned.exitCode, 2);
  assert.match(unsigned.stderr, /--bundle needs --key FILE/);
  const asked = scene.index.requests.length;
  const nowhere = await scene.make("--bundle", "nowhere/b.zip");
  assert.equal(nowhere.exitCode, 4);
  assert.equal(scene.index.requests.length, asked, "nobody is asked before");
});

test("a path or URL that the user names is not taken for the bundle's file of that name", needsPython, async () => {
  await using scene = await setBundleScene();
  const url = `${scene.index.origin}/files/${beta.filename}`;
  const made = await scene.tspip(
    ...["download", `beta @ ${url.replace("//", "//somebody:secret@")}`, "--bundle", "out.zip", "--key", "maker.pem"],
  );
  assert.equal(made.exitCode, 0, made.stdout + made.stderr);
  const bundle = read(scene, "out.zip");
  assert.ok(!bundle.includes("secret"), "no password crosses the gap");
  // The manifest says how long it is, and compression makes other lengths of the same.
  const changed = Array.from({ length: 100 }, (_, at) => {
    const files = { "beta/__init__.py": `__version__ = "${at / 10}"\n` };
    return makeWheel({ name: "beta", version: "2.1", files });
  }).find(({ bytes, sha256 }) => bytes.length === beta.bytes.length && sha256 !== beta.sha256);
  scene.write(beta.filename, beta.bytes);
  const members = membersOf(bundle);
  const tampered = written(members.set(`artifacts/${beta.filename}`, changed?.bytes ?? assert.fail()));
  const accepted = ["--bundle-key", scene.key];

  const same = await tryBoth(bundle, ...accepted, `beta @ ${url}`);
  assert.equal(same.exitCode, 0, same.stdout + same.stderr);
  const evil = await tryBoth(tampered, ...accepted, `beta @ ${url}`);
  assert.deepEqual([evil.exitCode, evil.findings], [1, ["bundle-contents-mismatch"]], evil.stdout + evil.stderr);
  assert.match(evil.stdout, /has another SHA-256 than the manifest says/);
  const files = await tryBoth(tampered, "--untrusted-bundle");
  assert.deepEqual([files.exitCode, files.findings], [1, ["bundle-contents-mismatch"]], files.stdout + files.stderr);
  const path = join(scene.folder, beta.filename);
  for (const elsewhere of [
    path,
    `beta @ https://elsewhere.example/${beta.filename}`,
    "https://x.example/c-1-py3-none-any.whl",
  ])
    for (const bytes of [bundle, tampered]) {
      const { exitCode, stderr } = await tryBoth(bytes, ...accepted, elsewhere);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, /is not in the bundle, which is all that is asked/);
    }
});

test("a bundle that nobody could read is not written", needsPython, async () => {
  await using scene = await setBundleScene();
  scene.write("team/po:licy.toml", requireAlice);
  const made = await scene.make("--policy", "team/po:licy.toml");
  assert.equal(made.exitCode, 2, made.stdout + made.stderr);
  assert.match(made.stderr, /Nobody could read the bundle: Member "policy\/po:licy\.toml" has a colon in its name/);
  assert.deepEqual(
    readdirSync(scene.folder).filter((name) => name.includes("out.zip")),
    [],
  );
});

test("a refused download writes no bundle", needsPython, async () => {
  await using scene = await setBundleScene();
  scene.index.add({ ...beta, provenance: null });
  const before = snapshot(scene.folder);
  const { exitCode } = await scene.make("--no-cache-dir");
  assert.equal(exitCode, 1);
  assert.deepEqual(snapshot(scene.folder), before);
});
