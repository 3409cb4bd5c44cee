import assert from "node:assert/strict";
import { test } from "node:test";
import { AttestationError } from "../errors.ts";
import fc from "../testing/fast-check.ts";
import { sigstoreBundle } from "../testing/signing-authority/attestation.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { parseAttestationDocument } from "./provenance.ts";

const authority = createSigningAuthority();
const publisher = { kind: "github", repository: "pypa/sampleproject", workflow: "release.yml" } as const;
const attestation = authority.attest({ filename: "a-1-py3-none-any.whl", bytes: Buffer.from("a"), publisher });
const provenance = authority.provenance([{ publisher, attestations: [attestation] }]);
const bundle = sigstoreBundle(attestation);

function parse(...documents: readonly unknown[]) {
  return parseAttestationDocument(
    Buffer.from(documents.map((document) => JSON.stringify(document)).join("\n")),
    "test",
  );
}

test("parseAttestationDocument() says what a document is", () => {
  assert.equal(parse(provenance).format, "provenance");
  assert.equal(parse(attestation).format, "attestation");
  assert.equal(parse(bundle).format, "sigstore-bundle");
  const lines = parse(provenance, attestation, bundle);
  assert.equal(lines.format, "json-lines");
  assert.equal(lines.bundles.length, 3);
});

test("parseAttestationDocument() reads one attestation to the same from every format", () => {
  const [fromAttestation] = parse(attestation).bundles;
  for (const document of [provenance, bundle]) {
    assert.deepEqual(parse(document).bundles[0]?.attestations, fromAttestation?.attestations);
  }
});

test("parseAttestationDocument() reads a document over several lines", () => {
  const text = JSON.stringify(provenance, undefined, 2);
  assert.equal(parseAttestationDocument(Buffer.from(text), "test").format, "provenance");
});

test("parseAttestationDocument() names the line that cannot be read, empty ones counted", () => {
  const text = `${JSON.stringify(attestation)}\n\n{"version":1}\n`;
  assert.throws(() => parseAttestationDocument(Buffer.from(text), "test"), /test, line 3 is neither/);
});

test("parseAttestationDocument() keeps the claim of the publisher, also when it does not know the kind", () => {
  const [known] = parse(provenance).bundles;
  assert.deepEqual(known?.publisher, { kind: "GitHub", publisher });
  const unknown = { ...provenance.attestation_bundles[0], publisher: { kind: "Next Year's", claims: null } };
  const document = parse({ version: 1, attestation_bundles: [unknown, ...provenance.attestation_bundles] });
  assert.deepEqual(document.bundles[0]?.publisher, { kind: "Next Year's" });
  assert.equal(document.bundles[1]?.attestations.length, 1);
});

test("parseAttestationDocument() tells empty lists from absent ones", () => {
  assert.deepEqual(parse({ version: 1, attestation_bundles: [] }).bundles, []);
  assert.throws(() => parse({ version: 1 }), unreadable);
});

for (const [what, text] of [
  ["nothing", ""],
  ["no JSON", "<html>"],
  ["bytes that are not UTF-8", Buffer.from([0x7b, 0xff])],
  ["a byte order mark", `\ufeff${JSON.stringify(provenance)}`],
  ["an array", "[]"],
  ["an object of another kind", "{}"],
  ["a member twice", '{"version":1,"attestation_bundles":[],"attestation_bundles":[]}'],
  ["a version as text", '{"version":"1","attestation_bundles":[]}'],
  ["bundles that are no list", '{"version":1,"attestation_bundles":{}}'],
  [
    "65 bundles",
    JSON.stringify({ version: 1, attestation_bundles: Array.from({ length: 65 }, () => ({ attestations: [] })) }),
  ],
  ["more than 16 MiB", " ".repeat((16 << 20) + 1)],
] as const) {
  test(`parseAttestationDocument() refuses ${what}`, () => {
    assert.throws(() => parseAttestationDocument(Buffer.from(text), "test"), unreadable);
  });
}

test("parseAttestationDocument() says how many signatures an envelope has, where that is not one", () => {
  const text = JSON.stringify(bundle);
  for (const signatures of [[], [{}, {}]]) {
    const bent = text.replace(/"signatures":\[.*?\]/, `"signatures":${JSON.stringify(signatures)}`);
    assert.throws(() => parse(JSON.parse(bent)), new RegExp(`has ${signatures.length} signatures, not one`));
  }
});

test("parseAttestationDocument() quotes no more of a document than anybody reads", () => {
  const long = "x".repeat(100_000);
  for (const document of [
    { ...bundle, mediaType: long },
    { ...attestation, version: [long] },
    { ...provenance, version: long },
  ])
    assert.throws(
      () => parse(document),
      ({ message }: Error) => /x{100}…/.test(message) && message.length < 500,
    );
});

test("parseAttestationDocument() throws nothing but AttestationError at a document bent anywhere", () => {
  const text = Buffer.from(JSON.stringify(provenance));
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(20), (at, byte, cut) => {
      const bent = Buffer.concat([text.subarray(0, at), Buffer.from([byte]), text.subarray(at + cut)]);
      try {
        parseAttestationDocument(bent, "test");
      } catch (error) {
        unreadable(error);
      }
    }),
    { numRuns: 300 },
  );
});

function unreadable(error: unknown): true {
  assert.ok(error instanceof AttestationError, String(error));
  assert.equal(error.code, "attestation-unreadable");
  return true;
}
