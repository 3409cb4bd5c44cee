import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatPrivateKey, keySigner } from "../../signature/private-key.ts";
import { authority, provenanceBy, publisher, type Scene, setScene } from "../../testing/command-scene.ts";
import { startFakeSigstore } from "../../testing/fake-sigstore.ts";
import { endingWell, makeKeyring, newKeys, putInForce } from "../../testing/keyring-scene.ts";
import { pylockOf } from "../../testing/lock-texts.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { typeCommand } from "../../testing/type-command.ts";
import type { Report } from "../report/report.ts";

/** `--vsa FILE` where something was verified, and `summary` in a rule where that is believed. */

const alpha = makeWheel({ name: "alpha" });
const beta = makeWheel({ name: "beta" });
const verifier = "https://ci.acme.example/tspip";
const place = ["--vsa", "vsa.jsonl", "--vsa-verifier", verifier, "--vsa-key", "ci.key"];

const algorithms = {
  ed25519: () => generateKeyPairSync("ed25519").privateKey,
  p256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
};

function policyFor(key: string, more = ""): string {
  return `version = 1
[signers.ci]
kind = "key"
key = "${key}"
[default]
attestation = "ignore"
summary = { signer = "ci", verifier = "${verifier}"${more} }
`;
}

/** Alpha is attested and beta is not: the strict policy of the CI lets alpha pass. */
async function sceneOfTwo(algorithm: keyof typeof algorithms = "ed25519"): Promise<Scene & { key: string }> {
  const scene = await setScene();
  const key = algorithms[algorithm]();
  scene.write("ci.key", formatPrivateKey(key, undefined));
  scene.write(alpha.filename, alpha.bytes);
  scene.write(beta.filename, beta.bytes);
  scene.write(`${alpha.filename}.provenance`, provenanceBy("acme/alpha", alpha));
  scene.write("strict.toml", 'version = 1\n[default]\nattestation = "require"\n');
  const { key: id } = keySigner(key);
  scene.write("believing.toml", policyFor(id));
  return { ...scene, key: id };
}

async function believed(scene: Scene, ...argv: string[]) {
  const answer = await scene.tspip("verify", "--policy", "believing.toml", "--format", "json", ...argv);
  assert.match(answer.stdout, /^\{/, answer.stderr);
  const report: Report = JSON.parse(answer.stdout);
  return { ...answer, report, ids: report.artifacts.flatMap(({ findings }) => findings.map(({ id }) => id)) };
}

for (const algorithm of ["ed25519", "p256"] as const) {
  test(`--vsa writes signed summaries of what passed and what did not; a rule takes the former (${algorithm})`, async () => {
    await using scene = await sceneOfTwo(algorithm);
    const files = [alpha.filename, beta.filename];
    const verified = await scene.tspip("verify", "--policy", "strict.toml", ...place, ...files);
    assert.equal(verified.exitCode, 1, "the summary changes no verdict");
    assert.match(verified.stderr, /Wrote vsa\.jsonl: of 2 artifacts whether it passed/);

    const lines = scene.read("vsa.jsonl").trimEnd().split("\n");
    const envelopes = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      envelopes.map(({ payloadType, signatures }) => [payloadType, signatures.length, signatures[0].keyid]),
      [1, 2].map(() => ["application/vnd.in-toto+json", 1, scene.key]),
    );
    const statement = JSON.parse(Buffer.from(envelopes[0].payload, "base64").toString());
    assert.equal(statement._type, "https://in-toto.io/Statement/v1");
    assert.equal(statement.predicateType, "https://slsa.dev/verification_summary/v1");
    assert.deepEqual(statement.subject, [{ name: alpha.filename, digest: { sha256: alpha.sha256 } }]);
    const { timeVerified, policy, ...predicate } = statement.predicate;
    assert.match(timeVerified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(policy.uri, "strict.toml");
    assert.match(policy.digest.sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual(predicate, {
      verifier: { id: verifier, version: { tspip: "0.1.0" } },
      resourceUri: `pkg:pypi/alpha@1.0?file_name=${alpha.filename}`,
      verificationResult: "PASSED",
      verifiedLevels: ["SLSA_BUILD_LEVEL_UNEVALUATED"],
      slsaVersion: "1.0",
    });

    const alone = await believed(scene, alpha.filename);
    assert.deepEqual([alone.exitCode, alone.ids], [1, ["summary-absent"]]);
    const admitted = await believed(scene, "--summaries", "vsa.jsonl", alpha.filename);
    assert.deepEqual([admitted.exitCode, admitted.ids], [0, []]);
    const [seen] = admitted.report.artifacts[0]?.evidence.filter(({ kind }) => kind === "summary") ?? [];
    assert.deepEqual([seen?.key, seen?.verifier, seen?.result], [scene.key, verifier, "PASSED"]);
    const failed = await believed(scene, "--summaries", "vsa.jsonl", beta.filename);
    assert.deepEqual([failed.exitCode, failed.ids], [1, ["summary-failed"]]);
  });
}

test("a summary counts by the key and the verifier that the rule names, for the bytes that it is about", async () => {
  await using scene = await sceneOfTwo();
  await scene.tspip("verify", ...place, alpha.filename);
  const other = keySigner(algorithms.ed25519()).key;
  scene.write("believing.toml", policyFor(other));
  assert.deepEqual((await believed(scene, "--summaries", "vsa.jsonl", alpha.filename)).ids, ["summary-absent"]);

  scene.write("believing.toml", policyFor(scene.key).replace(verifier, "https://other.example/"));
  const named = await believed(scene, "--summaries", "vsa.jsonl", alpha.filename);
  assert.match(
    named.report.artifacts[0]?.findings[0]?.message ?? "",
    /those that are there are by key .* as "https:\/\/ci/,
  );

  scene.write("believing.toml", policyFor(scene.key));
  const twin = makeWheel({ name: "alpha", files: { "alpha.py": "other = 1\n" } });
  scene.write(`dist/${twin.filename}`, twin.bytes);
  assert.deepEqual((await believed(scene, "--summaries", "vsa.jsonl", `dist/${twin.filename}`)).ids, [
    "summary-absent",
  ]);

  const [line = ""] = scene.read("vsa.jsonl").split("\n");
  const envelope = JSON.parse(line);
  const payload = Buffer.from(envelope.payload, "base64").toString().replace("2", "3");
  scene.write("bent.jsonl", JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString("base64") }));
  assert.deepEqual((await believed(scene, "--summaries", "bent.jsonl", alpha.filename)).ids, ["summary-absent"]);
  assert.deepEqual(
    (await believed(scene, "--summaries", "bent.jsonl", "--summaries", "vsa.jsonl", alpha.filename)).ids,
    [],
  );
});

test("the policy can name the file, and how old a summary may be", async () => {
  await using scene = await sceneOfTwo();
  await scene.tspip("verify", ...place, alpha.filename);
  const policy = (age: string) => `${policyFor(scene.key, `, max-age = "${age}"`)}[trust]\nsummaries = ["vsa.jsonl"]\n`;
  scene.write("believing.toml", policy("P1D"));
  assert.equal((await believed(scene, alpha.filename)).exitCode, 0);
  scene.write("believing.toml", policy("PT0S"));
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.deepEqual((await believed(scene, alpha.filename)).ids, ["summary-too-old"]);
});

test("a file of summaries that cannot be read leaves it undecided", async () => {
  await using scene = await sceneOfTwo();
  for (const [name, text] of [
    ["none.jsonl", undefined],
    ["empty.jsonl", ""],
    ["bad.jsonl", "{"],
    ["other.jsonl", '{"payload": 1}'],
  ] as const) {
    if (text !== undefined) scene.write(name, text);
    const { exitCode, ids } = await believed(scene, "--summaries", name, alpha.filename);
    assert.deepEqual([exitCode, ids], [3, ["evidence-unavailable"]], name);
  }
});

/** A summary that a CI job signed by way of Sigstore. */
function summaryBy(ci: ReturnType<typeof publisher>): string {
  return JSON.stringify(
    authority.attest({
      filename: alpha.filename,
      sha256: alpha.sha256,
      publisher: ci,
      predicateType: "https://slsa.dev/verification_summary/v1",
      predicate: {
        verifier: { id: verifier },
        timeVerified: "2025-06-01T12:00:00Z",
        resourceUri: "pkg:pypi/alpha@1.0",
        policy: { uri: "p" },
        verificationResult: "PASSED",
        verifiedLevels: ["SLSA_BUILD_LEVEL_UNEVALUATED"],
      },
    }),
  );
}

const believingCi = `version = 1
[signers.ci]
kind = "github"
repository = "acme/ci"
[default]
attestation = "ignore"
summary = { signer = "ci", verifier = "${verifier}" }
`;

test("a summary that a CI job signed by way of Sigstore counts by the job's identity", async () => {
  await using scene = await sceneOfTwo();
  scene.write("believing.toml", believingCi);
  scene.write("ci.jsonl", `${summaryBy(publisher("acme/ci"))}\n`);
  assert.deepEqual((await believed(scene, "--summaries", "ci.jsonl", alpha.filename)).ids, []);
  scene.write("mallory.jsonl", `${summaryBy(publisher("mallory/ci"))}\n`);
  assert.deepEqual((await believed(scene, "--summaries", "mallory.jsonl", alpha.filename)).ids, ["summary-absent"]);
});

/** One that @sigstore/verify reads otherwise: it knows a log by the id that checkpoints go by, also where there is another. */
function rootReadInTwoWays(): string {
  const root = JSON.parse(authority.trustedRootJson);
  for (const log of root.tlogs) {
    const id = Buffer.from(log.logId.keyId, "base64");
    log.checkpointKeyId = { keyId: Buffer.concat([id.subarray(0, 4), id.subarray(4).reverse()]).toString("base64") };
  }
  return JSON.stringify(root);
}

test("--second-opinion has to agree about attestations and about summaries, and is told apart from a root that it cannot read", async () => {
  await using scene = await sceneOfTwo();
  scene.write("ci.jsonl", `${summaryBy(publisher("acme/ci"))}\n`);
  scene.write("believing.toml", believingCi);
  scene.write("two.json", rootReadInTwoWays());
  const opinion = ["--trusted-root", "two.json", "--second-opinion"];
  const attested = async (...more: string[]) =>
    scene.tspip("verify", "--policy", "strict.toml", ...more, alpha.filename);
  const summarized = async (...more: string[]) =>
    scene.tspip("verify", "--policy", "believing.toml", "--summaries", "ci.jsonl", ...more, alpha.filename);
  for (const verify of [attested, summarized]) {
    for (const agreed of [[], ["--second-opinion"], ["--trusted-root", "two.json"]])
      assert.equal((await verify(...agreed)).exitCode, 0, agreed.join(" "));
    const disagreed = await verify(...opinion);
    assert.equal(disagreed.exitCode, 1, disagreed.stdout);
    assert.match(
      disagreed.stdout,
      /error\[second-opinion-disagrees\] .*made by GitHub acme\/\S+.*, @sigstore\/verify does not/,
    );

    const [first] = JSON.parse(authority.trustedRootJson).ctlogs;
    const publicKey = { ...first.publicKey, keyDetails: "PKIX_OF_LATER" };
    scene.write(
      "later.json",
      JSON.stringify({ ...JSON.parse(authority.trustedRootJson), ctlogs: [{ ...first, publicKey }] }),
    );
    const unread = await verify("--trusted-root", "later.json", "--second-opinion");
    assert.equal(unread.exitCode, 3, unread.stdout);
    assert.match(unread.stdout, /@sigstore\/verify cannot use the trusted root: /);
  }
});

test("a summary counts no more by a key that the keyring revoked", async () => {
  await using scene = await sceneOfTwo();
  const type = endingWell((...argv) => typeCommand(scene.folder, argv));
  await newKeys(type, ["root", "daily", "gate"]);
  const key = /^Key: (\S+)$/m.exec(await type("key", "show", "gate.pem"))?.[1] ?? assert.fail();
  await scene.tspip("verify", ...place, "--vsa-key", "gate.pem", alpha.filename);
  const begin = ["--name", "acme", "--threshold", "1"];
  await makeKeyring(type, { roots: ["root"], members: { gate: "gate" }, project: "*", begin });
  scene.write("believing.toml", `${policyFor(key)}[trust]\nkeyring = { file = "k/keyring.json" }\n`);
  const judged = async () => (await believed(scene, "--summaries", "vsa.jsonl", alpha.filename)).ids;
  assert.deepEqual(await judged(), []);
  await type("keyring", "remove", "k", "gate", "--revoke", "stolen");
  await putInForce(type, "root");
  assert.deepEqual(await judged(), ["key-not-current"]);
  scene.write("believing.toml", policyFor(key));
  assert.deepEqual(await judged(), [], "without a keyring, nobody says that it was stolen");
});

test("what a signer of the deny list let pass is refused, by the time of signing where there is one", async () => {
  await using scene = await sceneOfTwo();
  await scene.tspip("verify", ...place, alpha.filename);
  const judged = async (summaries: string) => (await believed(scene, "--summaries", summaries, alpha.filename)).ids;
  scene.write("believing.toml", `${policyFor(scene.key)}[floor]\ndeny = [{ signer = "ci" }]\n`);
  assert.deepEqual(await judged("vsa.jsonl"), ["denied-by-policy"]);

  scene.write("ci.jsonl", summaryBy(publisher("acme/ci")));
  for (const [window, ids] of [
    ["from = 2025-06-01T11:00:00Z, until = 2025-06-01T13:00:00Z", ["denied-by-policy"]],
    ["from = 2025-07-01T00:00:00Z", []],
  ] as const) {
    scene.write("believing.toml", `${believingCi}[floor]\ndeny = [{ signer = "ci", ${window} }]\n`);
    assert.deepEqual(await judged("ci.jsonl"), ids);
  }
});

test("--vsa says what it needs before anything else happens", async () => {
  await using scene = await sceneOfTwo();
  for (const [argv, words] of [
    [["--vsa", "v.jsonl"], /--vsa needs --vsa-verifier/],
    [["--vsa", "v.jsonl", "--vsa-verifier", "me"], /--vsa needs --vsa-verifier/],
    [["--vsa-key", "ci.key"], /go with --vsa FILE/],
    [["--vsa", "v.jsonl", "--vsa-verifier", verifier], /neither a --vsa-key nor the identity of a CI job/],
    [["--vsa", "v.jsonl", "--vsa-verifier", verifier, "--offline"], /--offline forbids/],
    [["--vsa", "v.jsonl", "--vsa-verifier", verifier, "--vsa-key", "none"], /Cannot read the private key/],
  ] as const) {
    const { exitCode, stdout, stderr } = await scene.tspip("verify", ...argv, "alpha==1.0");
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.match(stderr, words);
  }
  assert.deepEqual(scene.index.requests, []);
  assert.ok(!existsSync(join(scene.folder, "v.jsonl")));
});

test("--vsa without a key signs as the CI job, by way of a Sigstore instance", async () => {
  const ci = publisher("acme/ci");
  await using sigstore = await startFakeSigstore(authority, ci);
  const token = ["{}", '{"sub":"repo:acme/ci"}', ""].map((part) => Buffer.from(part).toString("base64url")).join(".");
  await using scene = await setScene({ SIGSTORE_ID_TOKEN: token });
  scene.write(alpha.filename, alpha.bytes);
  const instance = ["--fulcio-url", sigstore.url, "--rekor-url", sigstore.url];
  const vsa = ["--vsa", "ci.jsonl", "--vsa-verifier", verifier, ...instance];
  const { exitCode, stderr } = await scene.tspip("verify", ...vsa, alpha.filename);
  assert.equal(exitCode, 0, stderr);
  assert.equal(JSON.parse(scene.read("ci.jsonl")).mediaType, "application/vnd.dev.sigstore.bundle.v0.3+json");
  const policy = (repository: string) =>
    `version = 1\n[signers.ci]\nkind = "github"\nrepository = "${repository}"\n[default]\nattestation = "ignore"\nsummary = { signer = "ci", verifier = "${verifier}", max-age = "P1D" }\n`;
  scene.write("believing.toml", policy("acme/ci"));
  assert.deepEqual((await believed(scene, "--summaries", "ci.jsonl", alpha.filename)).ids, []);
  scene.write("believing.toml", policy("acme/other"));
  assert.deepEqual((await believed(scene, "--summaries", "ci.jsonl", alpha.filename)).ids, ["summary-absent"]);

  const broken = [
    "--vsa",
    "none.jsonl",
    "--vsa-verifier",
    verifier,
    "--fulcio-url",
    `${sigstore.url}/no/`,
    "--rekor-url",
    sigstore.url,
  ];
  const failed = await scene.tspip("verify", ...broken, alpha.filename);
  assert.equal(failed.exitCode, 3);
  assert.match(failed.stderr, /Cannot attest "alpha-1\.0-py3-none-any\.whl"/);
  assert.ok(!existsSync(join(scene.folder, "none.jsonl")));
});

test("--vsa looks at the bytes of locked files: a summary of what nobody looked at would say too much", async () => {
  await using scene = await sceneOfTwo();
  scene.index.add({ ...alpha, provenance: provenanceBy("acme/alpha", alpha) });
  scene.write("pylock.toml", pylockOf(scene.index, alpha));
  const lock = ["--policy", "strict.toml", "--lock", "pylock.toml"];
  assert.equal((await scene.tspip("verify", ...lock)).exitCode, 0);
  assert.ok(!scene.index.requests.some((request) => request.startsWith("GET /files/")), "by its digest");
  assert.equal((await scene.tspip("verify", ...lock, ...place)).exitCode, 0);
  assert.ok(scene.index.requests.some((request) => request.startsWith("GET /files/")));
  assert.equal((await believed(scene, "--lock", "pylock.toml", "--summaries", "vsa.jsonl")).exitCode, 0);
});
