import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { signManifest } from "../bundle/bundle-signature.ts";
import { digestOf } from "../distribution/digest.ts";
import { keySigner } from "../signature/private-key.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import {
  authority,
  provenanceOf,
  python,
  requireAlice,
  type Scene,
  setScene as setIndexScene,
} from "../testing/scene.ts";
import { serveFolder } from "../testing/serve-folder.ts";
import { snapshot, temporaryFolder } from "../testing/tree.ts";
import type { TestPublisher } from "../testing/trusted-publishers.ts";
import { type Answer, typeCommand } from "../testing/type-command.ts";
import { writeZip, type ZipMember, type ZipOptions } from "../testing/zip-writer.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { openArchive } from "../wheel/archive.ts";

/** `tspip download --bundle` on one side of the gap, `tspip install --bundle` on the other. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};
const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" };
const alpha = makeWheel({ name: "alpha", metadata: ["Requires-Dist: beta"] });
const beta = makeWheel({ name: "beta", version: "2.1" });

/** The side with an index: two attested wheels, a policy, and the key of whoever makes bundles. */
async function setScene(
  policy = requireAlice,
): Promise<Scene & { key: string; make(...more: string[]): Promise<Answer> }> {
  const scene = await setIndexScene();
  for (const wheel of [alpha, beta])
    scene.index.add({ ...wheel, provenance: provenanceOf(wheel, alice), uploadTime: "2026-01-01T00:00:00Z" });
  scene.write("team/policy.toml", policy);
  const made = await scene.tspipAlone("key", "new", "maker.pem", "--no-passphrase");
  const key = /^Key: (\S+)$/m.exec(made.stdout)?.[1] ?? assert.fail(made.stdout);
  const make = (...more: string[]) =>
    scene.tspip(
      "download",
      "alpha==1.0",
      "beta==2.1",
      "--policy",
      "team/policy.toml",
      "--bundle",
      "out.zip",
      "--key",
      "maker.pem",
      ...more,
    );
  return Object.assign(scene, { key, make });
}

/** The other side: an empty folder and home, no index, no cache, no configuration. */
function otherSide() {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  return {
    path: folder.path,
    tspip: (...argv: string[]) =>
      typeCommand(folder.path, argv, { env: { PIP_INDEX_URL: "http://127.0.0.1:9/simple/" } }),
    take: (bytes: Uint8Array) => writeFileSync(path("in.zip"), bytes),
    installed: () =>
      readdirSync(path("env/lib"))
        .flatMap((lib) =>
          readdirSync(join(path("env/lib"), lib, "site-packages")).flatMap(
            (name) => /^(.+)-(.+)\.dist-info$/.exec(name)?.slice(1).join("==") ?? [],
          ),
        )
        .sort(),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const read = (scene: Scene, name: string) => readFileSync(join(scene.folder, name));

async function madeBundle(scene: Awaited<ReturnType<typeof setScene>>): Promise<Buffer> {
  const { exitCode, stdout, stderr } = await scene.make();
  assert.equal(exitCode, 0, stdout + stderr);
  return read(scene, "out.zip");
}

test("a bundle installs where there is no index, no cache and no configuration", needsPython, async () => {
  await using scene = await setScene();
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

test("the same artifacts, evidence and policy make the same bytes", needsPython, async () => {
  await using scene = await setScene();
  const first = await madeBundle(scene);
  assert.deepEqual(await madeBundle(scene), first);
});

/** Runs verify and install on the other side: both say the same, and an install that is refused leaves nothing behind. */
async function tryBoth(bytes: Uint8Array, ...more: string[]) {
  using other = otherSide();
  using temporary = temporaryFolder();
  const before = process.env.TMPDIR;
  process.env.TMPDIR = temporary.path;
  try {
    other.take(bytes);
    const untouched = snapshot(other.path);
    const verified = await other.tspip("verify", "--bundle", "in.zip", "--format", "json", ...more);
    const { exitCode, stdout, stderr } = await other.tspip(
      "install",
      "--bundle",
      "in.zip",
      "--venv",
      "env",
      "--no-cache-dir",
      ...more,
    );
    assert.equal(exitCode, verified.exitCode, `${stdout}${stderr}\n${verified.stdout}${verified.stderr}`);
    if (exitCode !== 0) assert.deepEqual(snapshot(other.path), untouched);
    assert.deepEqual(readdirSync(temporary.path), [], "no temporary file stays");
    const report = verified.stdout === "" ? undefined : JSON.parse(verified.stdout);
    const artifacts: { findings: { id: string }[] }[] = report?.artifacts ?? [];
    const findings: { id: string }[] = [...(report?.findings ?? []), ...artifacts.flatMap((each) => each.findings)];
    return { exitCode, stdout, stderr, findings: [...new Set(findings.map(({ id }) => id))] };
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/** The members of a bundle, to be bent and written again. */
async function membersOf(bundle: Uint8Array): Promise<Map<string, Buffer>> {
  const archive = await openArchive(openShared({ kind: "memory", bytes: bundle }));
  return new Map(archive.entries.map((entry) => [entry.path, archive.read(entry)]));
}

function written(
  members: ReadonlyMap<string, Uint8Array>,
  more: readonly ZipMember[] = [],
  options: ZipOptions = {},
): Buffer {
  const plain = [...members].map(([path, content]) => ({ path, content, stored: true }));
  return writeZip([...plain, ...more], options);
}

/** What somebody can do who has the maker's key: the manifest says what they like. */
async function signedAnew(
  scene: Scene,
  bundle: Buffer,
  bend: (manifest: Record<string, unknown>) => void,
): Promise<Buffer> {
  const members = await membersOf(bundle);
  const value = JSON.parse(String(members.get("manifest.json")));
  bend(value);
  const manifest = Buffer.from(JSON.stringify(value));
  const signer = keySigner(createPrivateKey(read(scene, "maker.pem")));
  return written(members.set("manifest.json", manifest).set("manifest.jws", await signManifest(manifest, signer)));
}

test("who made a bundle is the receiver's to say", needsPython, async () => {
  await using scene = await setScene();
  const bundle = await madeBundle(scene);
  const nobody = await tryBoth(bundle);
  assert.deepEqual([nobody.exitCode, nobody.findings], [1, ["bundle-signer-unknown"]]);
  assert.match(nobody.stdout, /hint: Ask its maker for the public key, by another way/);

  await scene.tspipAlone("key", "new", "other.pem", "--no-passphrase");
  const stranger = await tryBoth(bundle, "--bundle-key", join(scene.folder, "other.pem.pub"));
  assert.deepEqual([stranger.exitCode, stranger.findings], [1, ["bundle-signer-unknown"]]);
  assert.equal((await tryBoth(bundle, "--bundle-key", join(scene.folder, "maker.pem.pub"))).exitCode, 0);

  const members = await membersOf(bundle);
  members.delete("manifest.jws");
  const unsigned = await tryBoth(written(members), "--bundle-key", scene.key);
  assert.deepEqual([unsigned.exitCode, unsigned.findings], [1, ["bundle-unsigned"]]);
});

test("hostile bundles are refused, and leave nothing behind", needsPython, async (context) => {
  await using scene = await setScene();
  const bundle = await madeBundle(scene);
  const members = await membersOf(bundle);
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
    "a size that lies": [extra("evidence/bomb", { central: { size: 2 ** 31 } }), "archive-unreadable"],
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
  await using scene = await setScene();
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

test("the receiver's policy goes before the bundle's, and so does its trusted root", needsPython, async () => {
  await using scene = await setScene('version = 1\n[default]\nattestation = "if-present"\n');
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
  await using scene = await setScene(policy);
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

  const members = await membersOf(bundle);
  const bytes = Buffer.from(members.get(`artifacts/${alpha.filename}`) ?? []);
  bytes.writeUInt8(1, bytes.length - 3);
  const changed = await tryBoth(
    written(members.set(`artifacts/${alpha.filename}`, bytes)),
    "--untrusted-bundle",
    ...root,
  );
  assert.equal(changed.exitCode, 3, changed.stdout);
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
  await using scene = await setScene();
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
  await using scene = await setScene(`version = 1
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
  const members = [...(await membersOf(bundle)).keys()].filter((name) => name.startsWith("policy/"));
  assert.deepEqual(members, ["policy/base/policy.toml", "policy/team/pins/tspip.pins.json", "policy/team/policy.toml"]);
  const { exitCode, stdout, stderr } = await tryBoth(bundle, "--bundle-key", scene.key);
  assert.equal(exitCode, 0, stdout + stderr);
});

for (const form of ["plain", "served", "tuf"] as const)
  test(`a keyring is bundled as it is shown now: ${form}`, needsPython, async () => {
    await using scene = await setScene();
    const type = async (...argv: string[]) => {
      const { exitCode, stdout, stderr } = await scene.tspipAlone(...argv);
      assert.equal(exitCode, 0, `${argv.join(" ")}: ${stdout}${stderr}`);
    };
    for (const name of ["root", "daily", "signer"]) await type("key", "new", `${name}.pem`, "--no-passphrase");
    const url = `${scene.index.origin}/keyring/`;
    const shape = form === "plain" ? [] : ["--url", url, "--form", form === "tuf" ? "tuf" : "plain"];
    await type("keyring", "init", "k", "--name", "k", "--root", "root.pem.pub", "--fresh", "daily.pem.pub", ...shape);
    await type("keyring", "add", "k", "release", "--key", "signer.pem.pub", "--project", "*");
    await type("keyring", "sign", "k", "--key", "root.pem");
    await type("keyring", "refresh", "k", "--key", "daily.pem");
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
    const { exitCode, stdout, stderr } = await tryBoth(bundle, "--bundle-key", scene.key);
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /signed \(detached\) by/);

    // A keyring may also say who makes bundles; here it is the one that signs wheels.
    if (form !== "plain") return;
    await type("keyring", "add", "k", "maker", "--key", "maker.pem.pub", "--project", "*");
    await type("keyring", "sign", "k", "--key", "root.pem");
    await type("keyring", "refresh", "k", "--key", "daily.pem");
    const byKeyring = await tryBoth(bundle, "--bundle-key", join(scene.folder, "k/keyring.json"));
    assert.equal(byKeyring.exitCode, 0, byKeyring.stdout + byKeyring.stderr);
  });

test("part of a bundle, and what does not go together", needsPython, async () => {
  await using scene = await setScene();
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
  await using scene = await setScene();
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
  const members = await membersOf(bundle);
  const tampered = written(members.set(`artifacts/${beta.filename}`, changed?.bytes ?? assert.fail()));
  const accepted = ["--bundle-key", scene.key];

  const same = await tryBoth(bundle, ...accepted, `beta @ ${url}`);
  assert.equal(same.exitCode, 0, same.stdout + same.stderr);
  const evil = await tryBoth(tampered, ...accepted, `beta @ ${url}`);
  assert.equal(evil.exitCode, 3, evil.stdout + evil.stderr);
  assert.match(evil.stdout, /has another SHA-256 than the manifest says/);
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
  await using scene = await setScene();
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
  await using scene = await setScene();
  scene.index.add({ ...beta, provenance: null });
  const before = snapshot(scene.folder);
  const { exitCode } = await scene.make("--no-cache-dir");
  assert.equal(exitCode, 1);
  assert.deepEqual(snapshot(scene.folder), before);
});

test("how old the trusted root may be, holds on the other side as well", needsPython, async () => {
  await using scene = await setScene();
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
    await using scene = await setScene();
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
