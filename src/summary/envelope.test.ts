import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { parseFilename } from "../distribution/filename.ts";
import { AttestationError } from "../errors.ts";
import { keySigner } from "../signature/private-key.ts";
import { signingKeys } from "../signature/signing-keys.ts";
import { parseSummaries, signEnvelope, signersOfEnvelope } from "./envelope.ts";
import { verifySummaries } from "./summaries.ts";
import { readSummary, writeSummary } from "./summary-statement.ts";

const ed25519 = generateKeyPairSync("ed25519").privateKey;
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const now = new Date("2026-11-21T12:00:00Z");
const judged = {
  filename: parseFilename("demo-1.0+local-py3-none-any.whl"),
  sha256: "ab".repeat(32),
  result: "PASSED",
  verifier: "https://ci.example.org/",
  verifierVersion: "1",
  timeVerified: now,
  policy: { uri: "policy.toml", sha256: "cd".repeat(32) },
} as const;

const trustedRoot = () => Promise.reject(new Error("no bundle asks for it"));

for (const [name, key] of [
  ["Ed25519", ed25519],
  ["P-256", p256],
] as const) {
  test(`a summary signed with ${name} is read again, by its signer alone`, async () => {
    const signer = keySigner(key);
    const line = await signEnvelope(writeSummary(judged), signer);
    const other = keySigner(generateKeyPairSync("ed25519").privateKey).key;
    const read = (keys: Parameters<typeof verifySummaries>[1]["keys"]) =>
      verifySummaries(parseSummaries(Buffer.from(`${line}\n${line}\n`), "f"), { keys, trustedRoot, now });
    assert.deepEqual(await read([other]), []);
    const [one, two] = await read([other, signer.key]);
    assert.deepEqual(one, two);
    assert.deepEqual(one, {
      verifier: judged.verifier,
      result: "PASSED",
      timeVerified: now,
      subjects: [judged.sha256],
      signedBy: { kind: "key", key: signer.key },
    });
  });
}

test("another payload type, a bent payload and a bent signature are by nobody", async () => {
  const signer = keySigner(ed25519);
  const envelope = JSON.parse(await signEnvelope(writeSummary(judged), signer));
  const bend = (text: string) => `${text.startsWith("A") ? "B" : "A"}${text.slice(1)}`;
  for (const bent of [
    { ...envelope, payloadType: "text/plain" },
    { ...envelope, payload: bend(envelope.payload) },
    { ...envelope, signatures: [{ ...envelope.signatures[0], sig: bend(envelope.signatures[0].sig) }] },
    { ...envelope, signatures: [] },
    { ...envelope, signatures: [{ keyid: signer.key }, "x", null] },
  ]) {
    const [parsed] = parseSummaries(Buffer.from(JSON.stringify(bent, null, 2)), "f");
    assert.ok(parsed?.kind === "envelope");
    assert.deepEqual(signersOfEnvelope(parsed, signingKeys([signer.key]).byId), []);
  }
});

test("parseSummaries() refuses what is no file of summaries, and names the line", () => {
  for (const [text, words] of [
    ["", /it is empty/],
    ["\n \n", /it is empty/],
    ['{"payload": 1}', /"f:1": it is no DSSE envelope/],
    ['{"payload": "e30="}\n', /"f:1": it is no DSSE envelope/],
    ['{"payload": "e30=", "payloadType": "t", "signatures": []}\n[]', /f:2/],
    ['{"a": 1, "a": 2}', /no JSON with one reading/],
    ["{", /no JSON/],
    [`{"payload": "e30=", "payloadType": "t", "signatures": [${Array(33).fill("{}")}]}`, /33 signatures/],
    ["{}\n".repeat(20_001), /20001 lines/],
  ] as const)
    assert.throws(
      () => parseSummaries(Buffer.from(text), "f"),
      (error) => error instanceof AttestationError && words.test(error.message),
      text.slice(0, 60),
    );
  assert.throws(() => parseSummaries(Uint8Array.of(0xff), "f"), /not UTF-8/);
});

test("readSummary() refuses statements that are no summary, and takes subjects with a SHA-256", () => {
  const statement = JSON.parse(writeSummary(judged).toString());
  const read = (changes: object, predicate: object = {}) =>
    readSummary(
      Buffer.from(JSON.stringify({ ...statement, ...changes, predicate: { ...statement.predicate, ...predicate } })),
    );
  assert.equal(
    statement.predicate.resourceUri,
    "pkg:pypi/demo@1.0%2Blocal?file_name=demo-1.0%2Blocal-py3-none-any.whl",
  );
  for (const [changes, predicate] of [
    [{ _type: "https://in-toto.io/Statement/v0.1" }, {}],
    [{ predicateType: "https://slsa.dev/provenance/v1" }, {}],
    [{}, { verificationResult: "passed" }],
    [{}, { timeVerified: "yesterday" }],
    [{}, { verifier: { id: 7 } }],
  ])
    assert.throws(() => read(changes ?? {}, predicate), AttestationError);
  const subject = [
    { digest: { sha256: "AB".repeat(32) } },
    { digest: { sha1: "ab".repeat(20) } },
    { digest: { sha256: "short" } },
    { name: "other", digest: { sha256: "ef".repeat(32) } },
  ];
  assert.deepEqual(read({ subject }).subjects, ["ab".repeat(32), "ef".repeat(32)]);
  assert.equal(read({}, { verificationResult: "FAILED" }).result, "FAILED");
});
