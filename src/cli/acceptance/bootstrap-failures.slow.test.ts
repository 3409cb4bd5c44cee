import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { toolNamed } from "../../bootstrap/tool.ts";
import { makeEnv, offTheNet } from "../../testing/bundled-pip.ts";
import { startFakeIndex } from "../../testing/fake-index.ts";
import { assertGolden } from "../../testing/golden.ts";
import { endingWell, makeKeyring, newKeys, putInForce } from "../../testing/keyring-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, python, type Scene, setScene } from "../../testing/scene.ts";
import { createTlsAuthority } from "../../testing/tls-authority.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";

/** What a user reads when pip cannot be had, in testdata/cli/bootstrap: the operation, the reason, the steps by hand. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};
const pypa: TestPublisher = { kind: "github", repository: "pypa/pip", workflow: "release.yml", ref: "refs/tags/99.0" };
const pip99 = makeWheel({ name: "pip", version: "99.0" });

interface Failure {
  readonly name: string;
  readonly argv?: readonly string[];
  readonly exitCode: number;
  prepare?(scene: Scene): void;
}

const failures: readonly Failure[] = [
  { name: "no-network", argv: ["-i", "http://127.0.0.1:9/simple/"], exitCode: 3 },
  { name: "index-without-pip", argv: ["--no-index", "-f", "."], exitCode: 3 },
  {
    name: "hash-differs",
    exitCode: 1,
    prepare: ({ index }) => index.add(makeWheel({ name: "pip", version: "24.0" })),
  },
  {
    name: "nobody-vouches",
    exitCode: 1,
    prepare: ({ index }) => index.add({ ...pip99, provenance: null }),
  },
  {
    name: "another-publisher",
    exitCode: 1,
    prepare: ({ index }) =>
      index.add({ ...pip99, provenance: provenanceOf(pip99, { ...pypa, repository: "mallory/pip" }) }),
  },
  {
    name: "signature-below-threshold",
    argv: ["--policy", "policy.toml"],
    exitCode: 1,
    prepare(scene) {
      scene.index.add({ ...pip99, provenance: provenanceOf(pip99, pypa) });
      scene.write(
        "policy.toml",
        'version = 1\n[signers.pip]\nkind = "github"\nrepository = "pypa/pip"\n[signers.us]\nkind = "github"\nrepository = "acme/rebuilds"\n[groups.both]\nof = ["pip", "us"]\nthreshold = 2\n[default]\nattestation = "require"\npublish = { group = "both" }\n',
      );
    },
  },
  { name: "wheel-without-attestation", argv: ["--wheel", pip99.filename], exitCode: 1, prepare: writePip99 },
  { name: "no-such-interpreter", argv: ["--python", "./no-such-python"], exitCode: 4 },
];

for (const { name, argv = [], exitCode, prepare } of failures) {
  test(`bootstrap fails: ${name}`, needsPython, async () => {
    await using scene = await setScene();
    makeEnv(scene);
    prepare?.(scene);
    const place = argv.includes("--python") ? [] : ["--venv", "env"];
    const answer = await scene.tspipWith(offTheNet, "bootstrap", ...place, ...argv);
    assertTranscript(name, ["bootstrap", ...place, ...argv], { ...answer, exitCode }, scene);
    assert.equal(answer.exitCode, exitCode);
    assert.deepEqual(scene.installed(), []);
  });
}

test("bootstrap fails: authority-not-pinned", needsPython, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const [good, other] = await Promise.all([createTlsAuthority("Good CA"), createTlsAuthority("Other CA")]);
  await using index = await startFakeIndex(await other.issue("localhost"));
  scene.write("ca.pem", `${good.certificate}\n${other.certificate}`);
  const policyOf = (sha256: string) =>
    `version = 1\n[trust]\ntls = { ca = [{ host = "localhost", sha256 = "${sha256}" }] }\n[default]\n`;
  scene.write("policy.toml", policyOf(good.sha256));
  const url = index.url.replace("127.0.0.1", "localhost");
  const argv = ["bootstrap", "--venv", "env", "--policy", "policy.toml", "--cert", "ca.pem", "-i", url];
  const answer = await scene.tspipWith(offTheNet, ...argv);
  const words = argv.with(-1, "https://localhost:1234/simple/");
  const stderr = answer.stderr.replaceAll(other.sha256, "<digest of Other CA>").replaceAll(url, words.at(-1) ?? "");
  assertTranscript("authority-not-pinned", words, { ...answer, stderr }, scene);
  assert.equal(answer.exitCode, 3);
  assert.deepEqual(index.requests, []);

  scene.write("policy.toml", policyOf(other.sha256));
  index.add(pip99);
  const pinned = await scene.tspipWith(offTheNet, ...argv);
  assert.equal(pinned.exitCode, 0, pinned.stderr);
});

test("bootstrap fails: key-not-current, where n of m current keys are asked for", needsPython, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const type = endingWell(scene.tspipAlone);
  await newKeys(type, ["root", "daily", "alice", "bob"]);
  const begin = ["--form", "plain", "--name", "example.org/pip"];
  await makeKeyring(type, { roots: ["root"], members: { alice: "alice", bob: "bob" }, project: "pip", begin });
  writePip99(scene);
  for (const name of ["alice", "bob"]) await type("sign", pip99.filename, "--key", `${name}.pem`);
  scene.write(
    "policy.toml",
    'version = 1\n[trust]\nkeyring = { file = "k/keyring.json" }\n[signers.alice]\nkind = "key"\nkey = "alice"\n[signers.bob]\nkind = "key"\nkey = "bob"\n[groups.both]\nof = ["alice", "bob"]\nthreshold = 2\n[default]\nattestation = "ignore"\nsignatures = { group = "both" }\n',
  );
  const argv = ["bootstrap", "--venv", "env", "--policy", "policy.toml", "--wheel", pip99.filename];
  const current = await scene.tspip(...argv.with(2, "other"));
  assert.equal(current.exitCode, 0, current.stderr);

  await type("keyring", "remove", "k", "alice", "--revoke", "stolen");
  await putInForce(type, "root");
  const answer = await scene.tspip(...argv);
  const stderr = answer.stderr
    .replaceAll(/key [\w-]{43}/g, "key <thumbprint>")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>");
  assertTranscript("key-not-current", argv, { ...answer, stderr }, scene);
  assert.equal(answer.exitCode, 1);
  assert.deepEqual(scene.installed(), []);
});

for (const [name, prepare] of [
  ["disk-full", "mount -t tmpfs -o size=300k none env && $PYTHON -m venv --without-pip env"],
  ["read-only-site", "mount --bind env env && mount -o remount,ro,bind env"],
] as const) {
  test(`bootstrap fails: ${name}`, needsPython, async (t) => {
    await using scene = await setScene();
    makeEnv(scene);
    scene.write("large.bin", "");
    const large = makeWheel({ name: "pip", version: "99.0", files: { "pip/data": Buffer.alloc(2_000_000, 1) } });
    scene.index.add({ ...large, provenance: provenanceOf(large, pypa) });
    const answer = await inNamespace(scene, prepare, t);
    if (answer === undefined) return;
    assertTranscript(name, ["bootstrap", "--venv", "env"], answer, scene);
    assert.equal(answer.exitCode, 4);
    assert.deepEqual(scene.installed(), []);
  });
}

interface Answer {
  readonly exitCode: number;
  readonly stderr: string;
}

/** Runs `tspip bootstrap --venv env` where `prepare` has mounted something that nobody else sees. */
async function inNamespace(scene: Scene, prepare: string, t: TestContext): Promise<Answer | undefined> {
  const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
  const argv = ["bootstrap", "-i", scene.index.url, "--trusted-root", "root.json", "--venv", "env"];
  const script = `${prepare.replace("$PYTHON", python ?? "")} || exit 99; exec '${process.execPath}' '${main}' ${argv.join(" ")}`;
  const env = { PATH: process.env.PATH, HOME: scene.folder, PIP_CONFIG_FILE: "/dev/null", ...offTheNet };
  try {
    await promisify(execFile)("unshare", ["-rm", "sh", "-c", script], { cwd: scene.folder, env });
  } catch (error) {
    const { code, stderr } = error as { code: number | string; stderr: string };
    if (typeof code === "number" && code !== 99 && !/^unshare:/.test(stderr)) return { exitCode: code, stderr };
  }
  t.skip("nothing can be mounted here");
  return undefined;
}

function writePip99(scene: Scene): void {
  scene.write(pip99.filename, pip99.bytes);
}

/** What differs from run to run, or with each release of pip, stands there by a name. */
function assertTranscript(name: string, argv: readonly string[], { exitCode, stderr }: Answer, scene: Scene): void {
  const named = [...toolNamed("pip").knownWheels.values()].filter(({ filename }) => stderr.includes(filename.text));
  const { filename, digests } = named.at(-1) ?? {};
  const text = stderr
    .replaceAll(filename?.text ?? "\0", "<newest pip>.whl")
    .replaceAll(`/project/pip/${filename?.version.text}/`, "/project/pip/<newest>/")
    .replaceAll(digests?.sha256 ?? "\0", "<digest of newest pip>")
    .replaceAll(scene.index.origin, "http://index.test")
    .replaceAll(scene.folder, "<folder>")
    .replaceAll(/since \d{4}-\d\d-\d\d/g, "since <day>")
    .replaceAll(/Python 3\.\d+/g, "Python 3.X")
    .replaceAll(/\.tspip-[\w.-]+/g, ".tspip-…")
    .replaceAll(/sha256:?[ =]?[0-9a-f]{64}|\b[0-9a-f]{64}\b/g, "<digest>");
  const transcript = `$ tspip ${argv.join(" ")}\n${text}exit code ${exitCode}\n`;
  for (const part of ["\noperation: ", "\nreason: ", "\nby hand:\n  1. "]) assert.ok(transcript.includes(part), stderr);
  assertGolden(transcript, new URL(`../../../testdata/cli/bootstrap/${name}.txt`, import.meta.url));
}
