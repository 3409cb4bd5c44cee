import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, python, setScene as setIndexScene } from "../../testing/scene.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";
import type { Report } from "../report/report.ts";

/** Keys and signatures as users meet them: `tspip key`, `tspip sign`, and what the gate makes of what they wrote. */

async function setScene() {
  const scene = await setIndexScene();
  const wheel = makeWheel({ name: "demo" });
  scene.write(wheel.filename, wheel.bytes);
  /** Makes a key and returns its id. */
  const newKey = async (name: string, ...more: string[]) => {
    const { exitCode, stdout, stderr } = await scene.tspipAlone("key", "new", name, "--no-passphrase", ...more);
    assert.equal(exitCode, 0, stderr);
    return /^Key: (\S+)$/m.exec(stdout)?.[1] ?? assert.fail(stdout);
  };
  const sign = async (key: string, ...words: string[]) => {
    const { exitCode, stdout, stderr } = await scene.tspipAlone("sign", "--key", key, ...words);
    assert.equal(exitCode, 0, stdout + stderr);
    return { stdout, stderr };
  };
  const read = (name: string) => readFileSync(join(scene.folder, name));
  const verify = async (policy: string, ...words: string[]) => {
    scene.write("policy.toml", policy);
    const answer = await scene.tspip("verify", "--format", "json", "--policy", "policy.toml", ...words);
    const report: Report = JSON.parse(answer.stdout);
    return { ...answer, report, findings: report.artifacts.flatMap(({ findings }) => findings.map(({ id }) => id)) };
  };
  return Object.assign(scene, { wheel, file: `./${wheel.filename}`, newKey, sign, read, verify });
}

/** A policy that asks for `threshold` of the keys. */
function keyPolicy(keys: Readonly<Record<string, string>>, threshold = 1): string {
  const signers = Object.entries(keys).map(([name, key]) => `[signers.${name}]\nkind = "key"\nkey = "${key}"\n`);
  const members = Object.keys(keys)
    .map((name) => `"${name}"`)
    .join(", ");
  return `version = 1\n${signers.join("")}[groups.release]\nof = [${members}]\nthreshold = ${threshold}\ndistinct-by = "key"
[default]\nattestation = "ignore"\nsignatures = { group = "release" }\n`;
}

test("a wheel signed beside itself by two of three keys passes, and its digest stays", async () => {
  await using scene = await setScene();
  const [alice, bob, carol] = [
    await scene.newKey("alice.pem"),
    await scene.newKey("bob.pem", "--algorithm", "p256"),
    await scene.newKey("carol.pem"),
  ];
  const policy = keyPolicy({ alice, bob, carol }, 2);
  const nobody = await scene.verify(policy, scene.file);
  assert.deepEqual([nobody.exitCode, nobody.findings], [1, ["signature-absent"]]);
  await scene.sign("alice.pem", scene.file);
  const one = await scene.verify(policy, scene.file);
  assert.deepEqual([one.exitCode, one.findings], [1, ["threshold-not-met"]]);
  const { stdout } = await scene.sign("bob.pem", scene.file);
  assert.match(stdout, /2 signatures in .*demo-1\.0-py3-none-any\.whl\.jws/);
  const two = await scene.verify(policy, scene.file);
  assert.deepEqual([two.exitCode, two.findings], [0, []]);
  assert.deepEqual(scene.read(scene.wheel.filename), scene.wheel.bytes);
  const shown = await scene.tspip("verify", "--policy", "policy.toml", scene.file);
  assert.ok(shown.stdout.includes(`signed (detached) by ${alice}`) && shown.stdout.includes(`by ${bob}`), shown.stdout);
});

test("signing twice by one key leaves one signature, and a threshold counts it once", async () => {
  await using scene = await setScene();
  const [alice, bob] = [await scene.newKey("alice.pem"), await scene.newKey("bob.pem")];
  await scene.sign("alice.pem", scene.file);
  const { stdout } = await scene.sign("alice.pem", scene.file);
  assert.match(stdout, /: 1 signature in/);
  assert.equal((await scene.verify(keyPolicy({ alice, bob }, 2), scene.file)).exitCode, 1);
});

test("a signature by others, of another file, or changed, is told apart", async () => {
  await using scene = await setScene();
  const [alice] = [await scene.newKey("alice.pem"), await scene.newKey("mallory.pem")];
  const policy = keyPolicy({ alice });
  await scene.sign("mallory.pem", scene.file);
  const stranger = await scene.verify(policy, scene.file);
  assert.deepEqual([stranger.exitCode, stranger.findings], [1, ["signer-mismatch"]]);

  const other = makeWheel({ name: "demo", files: { "demo.py": "evil = True\n" } });
  scene.write(`other/${other.filename}`, other.bytes);
  await scene.sign("alice.pem", `./other/${other.filename}`);
  scene.write(`${scene.wheel.filename}.jws`, scene.read(`other/${other.filename}.jws`));
  assert.deepEqual((await scene.verify(policy, scene.file)).findings, ["signature-subject-mismatch"]);

  scene.write(`${scene.wheel.filename}.jws`, "{}");
  assert.deepEqual((await scene.verify(policy, scene.file)).findings, ["signature-unreadable"]);
});

test("--embed writes RECORD.jws, says what PEP 815 says, and installs without it", async (context) => {
  await using scene = await setScene();
  const [alice, bob] = [await scene.newKey("alice.pem"), await scene.newKey("bob.pem")];
  const { stderr } = await scene.sign("alice.pem", "--embed", scene.file);
  assert.match(stderr, /PEP 815/);
  await scene.sign("bob.pem", "--embed", scene.file);
  const { exitCode, report } = await scene.verify(keyPolicy({ alice, bob }, 2), scene.file);
  assert.equal(exitCode, 0, JSON.stringify(report));
  assert.ok(!existsSync(join(scene.folder, `${scene.wheel.filename}.jws`)));
  if (python === undefined) return context.skip("there is no python3 on PATH");
  const names = execFileSync(python, ["-m", "zipfile", "-l", scene.wheel.filename], { cwd: scene.folder });
  assert.equal(names.toString().match(/RECORD\.jws/g)?.length, 1);
  execFileSync(python, ["-m", "zipfile", "-t", scene.wheel.filename], { cwd: scene.folder });
  const installed = await scene.tspip("install", "--venv", "env", "--policy", "policy.toml", scene.file);
  assert.equal(installed.exitCode, 0, installed.stdout + installed.stderr);
  assert.deepEqual(scene.installed(), ["demo==1.0"]);
  const [lib = ""] = readdirSync(join(scene.folder, "env/lib"));
  const receipt = JSON.parse(scene.read(`env/lib/${lib}/site-packages/demo-1.0.dist-info/tspip.json`).toString());
  assert.deepEqual(
    receipt.signatures,
    [alice, bob].map((key) => ({ key, form: "embedded" })),
  );
});

test("a signature beside the file on an index counts; 404 is none, a broken server is an open question", async () => {
  await using scene = await setScene();
  const alice = await scene.newKey("alice.pem");
  await scene.sign("alice.pem", scene.file);
  const document = scene.read(`${scene.wheel.filename}.jws`);
  scene.index.add(scene.wheel);
  const policy = keyPolicy({ alice });
  const answered = async (status: number, body: Uint8Array) => {
    scene.index.fault = ({ url = "" }, response) => {
      if (!url.endsWith(".jws")) return false;
      response.writeHead(status).end(body);
      return true;
    };
    const { exitCode, findings } = await scene.verify(policy, "demo==1.0");
    return [exitCode, ...findings];
  };
  assert.deepEqual(await answered(200, document), [0]);
  assert.deepEqual(await answered(404, Buffer.of()), [1, "signature-absent"]);
  assert.deepEqual(await answered(403, Buffer.of()), [3, "evidence-unavailable"]);
  assert.deepEqual(await answered(500, Buffer.of()), [3, "evidence-unavailable"]);
});

test("download keeps the signature beside the file, where it counts for whoever gets both", async () => {
  await using scene = await setScene();
  const alice = await scene.newKey("alice.pem");
  await scene.sign("alice.pem", scene.file);
  const document = scene.read(`${scene.wheel.filename}.jws`);
  scene.index.add(scene.wheel);
  scene.index.fault = ({ url = "" }, response) => {
    if (!url.endsWith(".jws")) return false;
    response.writeHead(200).end(document);
    return true;
  };
  const policy = keyPolicy({ alice });
  scene.write("policy.toml", policy);
  const argv = ["--no-deps", "--policy", "policy.toml", "-d", "kept", "demo==1.0"];
  const { exitCode, stdout, stderr } = await scene.tspip("download", ...argv);
  assert.equal(exitCode, 0, stdout + stderr);
  assert.deepEqual(scene.read(`kept/${scene.wheel.filename}.jws`), document);
  assert.equal((await scene.verify(policy, "./kept/")).exitCode, 0);
});

test("nobody is asked for signatures where the policy has no use for them", async () => {
  await using scene = await setScene();
  scene.index.add(scene.wheel);
  assert.equal((await scene.verify('version = 1\n[default]\nattestation = "ignore"\n', "demo==1.0")).exitCode, 0);
  assert.ok(!scene.index.requests.some((request) => request.endsWith(".jws")));
});

test("an attestation and a key together reach a threshold of two by vouch, and neither does alone", async () => {
  await using scene = await setScene();
  const alice = await scene.newKey("alice.pem");
  const publisher: TestPublisher = {
    kind: "github",
    repository: "acme/demo",
    workflow: "release.yml",
    ref: "refs/tags/v1",
  };
  const policy = `version = 1
[signers.project]
kind = "github"
repository = "acme/demo"
[signers.alice]
kind = "key"
key = "${alice}"
[default]
attestation = "if-present"
vouch = { any = ["project", "alice"], threshold = 2 }
`;
  scene.write(`${scene.wheel.filename}.provenance`, provenanceOf(scene.wheel, publisher));
  assert.deepEqual((await scene.verify(policy, scene.file)).findings, ["threshold-not-met"]);
  await scene.sign("alice.pem", scene.file);
  const both = await scene.verify(policy, scene.file);
  assert.deepEqual([both.exitCode, both.findings], [0, []]);
});

test("a key of the deny list refuses what it signed, whoever else did", async () => {
  await using scene = await setScene();
  const [alice, stolen] = [await scene.newKey("alice.pem"), await scene.newKey("stolen.pem")];
  const policy = `${keyPolicy({ alice })}[signers.stolen]\nkind = "key"\nkey = "${stolen}"\n[floor]\ndeny = [{ signer = "stolen" }]\n`;
  await scene.sign("alice.pem", scene.file);
  assert.equal((await scene.verify(policy, scene.file)).exitCode, 0);
  await scene.sign("stolen.pem", scene.file);
  assert.deepEqual((await scene.verify(policy, scene.file)).findings, ["denied-by-policy"]);
});

test("a wheel that differs from its RECORD is not signed, and its old signature counts for nothing", async () => {
  await using scene = await setScene();
  const alice = await scene.newKey("alice.pem");
  const bent = makeWheel({ name: "demo", unlisted: { "evil.py": "import os\n" } });
  scene.write(bent.filename, bent.bytes);
  const { exitCode, stdout } = await scene.tspipAlone("sign", "--key", "alice.pem", scene.file);
  assert.equal(exitCode, 1);
  assert.match(stdout, /record-unlisted-file/);
  assert.ok(!existsSync(join(scene.folder, `${bent.filename}.jws`)));
  assert.ok((await scene.verify(keyPolicy({ alice }), scene.file)).findings.includes("record-unlisted-file"));
});

test("signing writes into no file that a link in a shared folder leads to", async () => {
  await using scene = await setScene();
  await scene.newKey("alice.pem");
  scene.write("victim", "untouched");
  for (const name of [`.${scene.wheel.filename}.jws.new`, `.${scene.wheel.filename}.new`])
    symlinkSync(join(scene.folder, "victim"), join(scene.folder, name));
  await scene.sign("alice.pem", scene.file);
  await scene.sign("alice.pem", "--embed", scene.file);
  assert.equal(scene.read("victim").toString(), "untouched");
});

test("signatures that are there and cannot be added to are named, and no file is signed then", async () => {
  await using scene = await setScene();
  await scene.newKey("alice.pem");
  const other = makeWheel({ name: "other" });
  scene.write(other.filename, other.bytes);
  const refused = async (words: RegExp, ...argv: string[]) => {
    const { exitCode, stderr, stdout } = await scene.tspipAlone("sign", "--key", "alice.pem", ...argv);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, words);
    assert.equal(stdout, "");
  };
  const both = [other.filename, scene.wheel.filename];
  scene.write(`${scene.wheel.filename}.jws`, "{");
  await refused(/^error: Cannot add a signature to "demo-1\.0-.*\.whl\.jws": .*\nhint: Move/, ...both);
  assert.equal(existsSync(join(scene.folder, `${other.filename}.jws`)), false);
  await scene.sign("alice.pem", other.filename);
  scene.write(`${scene.wheel.filename}.jws`, scene.read(`${other.filename}.jws`));
  await refused(/add a signature to "demo-.*\.jws": filename signed: "other-/, scene.wheel.filename);

  const one = JSON.parse(scene.read(`${other.filename}.jws`).toString());
  const [signature] = one.signatures;
  const full = JSON.stringify({ ...one, signatures: Array(32).fill({ ...signature, signature: "AAAA" }) });
  scene.write(`${other.filename}.jws`, full);
  await refused(/add a signature to "other-.*\.jws": .*33 signatures, more than 32/, other.filename);
  assert.equal(scene.read(`${other.filename}.jws`).toString(), full);
});

test("a private key is 0600, has a passphrase that is asked for twice, and is never overwritten", async () => {
  await using scene = await setScene();
  const asked: string[] = [];
  const typing = (...answers: string[]) => ({
    askSecret: async (prompt: string) => {
      asked.push(prompt);
      return answers.shift() ?? assert.fail("asked once too often");
    },
  });
  const made = await scene.tspipOn(typing("secret", "secret"), "key", "new", "k.pem");
  assert.equal(made.exitCode, 0, made.stderr);
  assert.equal(asked.length, 2);
  assert.equal(statSync(join(scene.folder, "k.pem")).mode & 0o777, 0o600);
  assert.match(scene.read("k.pem").toString(), /BEGIN ENCRYPTED PRIVATE KEY/);
  assert.equal((await scene.tspipOn(typing("secret", "secret"), "key", "new", "k.pem")).exitCode, 2);
  assert.equal((await scene.tspipOn(typing("secret", "secrte"), "key", "new", "l.pem")).exitCode, 2);
  assert.ok(!existsSync(join(scene.folder, "l.pem")));

  const sign = (more: object) => scene.tspipOn(more, "sign", "--key", "k.pem", scene.file);
  assert.equal((await sign(typing("wrong"))).exitCode, 2);
  assert.equal((await sign({})).exitCode, 2, "nobody to ask");
  assert.equal((await sign(typing("secret"))).exitCode, 0);
  assert.equal((await sign({ env: { TSPIP_PASSPHRASE: "secret" } })).exitCode, 0);
  scene.write("secret.txt", "secret\n");
  assert.equal(
    (await scene.tspipAlone("sign", "--key", "k.pem", "--passphrase-file", "secret.txt", scene.file)).exitCode,
    0,
  );

  const shown = await scene.tspipAlone("key", "show", "k.pem");
  assert.equal(shown.stdout.split("\n")[0], made.stdout.split("\n")[2]);
  assert.deepEqual((await scene.tspipAlone("key", "show", "k.pem.pub")).stdout, shown.stdout);
});

test("a source distribution is signed beside itself, and cannot hold a signature", async () => {
  await using scene = await setScene();
  await scene.newKey("alice.pem");
  scene.write("demo-1.0.tar.gz", "not looked into\n");
  await scene.sign("alice.pem", "./demo-1.0.tar.gz");
  assert.ok(existsSync(join(scene.folder, "demo-1.0.tar.gz.jws")));
  assert.equal((await scene.tspipAlone("sign", "--embed", "--key", "alice.pem", "./demo-1.0.tar.gz")).exitCode, 2);
});
