import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttestationObject } from "./signing-authority/attestation.ts";
import type { Flaw } from "./signing-authority/flaw.ts";
import { type FlawName, flaws } from "./signing-authority/flaws.ts";
import { slsaPredicate } from "./signing-authority/statement.ts";
import { createSigningAuthority } from "./signing-authority.ts";
import { sigstoreRefusal } from "./sigstore-opinion.ts";
import type { TestPublisher } from "./trusted-publishers.ts";

const artifact = { filename: "sampleproject-4.0.0-py3-none-any.whl", bytes: Buffer.from("a wheel") };
const github: TestPublisher = {
  kind: "github",
  repository: "pypa/sampleproject",
  workflow: "release.yml",
  environment: "pypi",
};
const publishers: readonly TestPublisher[] = [
  github,
  { kind: "gitlab", repository: "acme/tools/sampleproject", workflow: ".gitlab-ci.yml" },
  { kind: "google", email: "builder@project.iam.gserviceaccount.com" },
  {
    kind: "circleci",
    projectId: "fdd9283f-e619-46af-8f9c-851f7d3e8b2b",
    pipelineDefinitionId: "8e4f8ab2-8d7c-4827-9f15-de076d6d647f",
    vcsOrigin: "github.com/acme/sampleproject",
    vcsRef: "refs/heads/main",
  },
  { kind: "email", email: "alice@example.test", issuer: "https://login.example.test" },
];

const authority = createSigningAuthority();

for (const publisher of publishers) {
  test(`an attestation by a publisher of kind "${publisher.kind}" verifies`, () => {
    assert.equal(refusalOf(authority.attest({ ...artifact, publisher })), undefined);
  });
}

test("an attestation in a log without a time of its own verifies by its timestamp", () => {
  assert.equal(refusalOf(authority.attest({ ...artifact, publisher: github, log: "rekor-v2" })), undefined);
});

test("a good attestation verifies under its own authority only", () => {
  const attestation = authority.attest({ ...artifact, publisher: github });
  const stranger = createSigningAuthority();
  assert.notEqual(sigstoreRefusal(attestation, stranger.trustedRootJson), undefined);
});

for (const [name, flaw] of Object.entries(flaws) as [FlawName, Flaw][]) {
  const verb = flaw.sigstore === undefined ? "accepts" : "refuses";
  test(`@sigstore/verify ${verb} the flaw "${name}"`, () => {
    const attestation = authority.attest({ ...artifact, publisher: github, flaw: name });
    assert.equal(sigstoreRefusal(attestation, authority.trustedRootWith(name)), flaw.sigstore);
  });
}

test("attest() puts predicate, digest and time where they are asked for", () => {
  const { envelope, verification_material } = authority.attest({
    filename: artifact.filename,
    sha256: "ab".repeat(32),
    publisher: github,
    predicateType: slsaPredicate,
    predicate: { buildDefinition: {} },
    signedAt: new Date("2026-01-02T03:04:05Z"),
  });
  assert.deepEqual(JSON.parse(Buffer.from(envelope.statement, "base64").toString()), {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: artifact.filename, digest: { sha256: "ab".repeat(32) } }],
    predicateType: slsaPredicate,
    predicate: { buildDefinition: {} },
  });
  assert.equal(
    verification_material.transparency_entries[0]?.integratedTime,
    String(Date.UTC(2026, 0, 2, 3, 4, 8) / 1000),
  );
});

test("the global log index is not the index in the tree, and the proof has a path", () => {
  const { verification_material } = authority.attest({ ...artifact, publisher: github });
  const [entry] = verification_material.transparency_entries;
  assert.notEqual(entry?.logIndex, entry?.inclusionProof?.logIndex);
  assert.ok((entry?.inclusionProof?.hashes.length ?? 0) > 1);
});

test("provenance() says about the publisher what the index would", () => {
  const attestation = authority.attest({ ...artifact, publisher: github });
  assert.deepEqual(authority.provenance([{ publisher: github, attestations: [attestation] }]), {
    version: 1,
    attestation_bundles: [
      {
        publisher: { kind: "GitHub", repository: "pypa/sampleproject", workflow: "release.yml", environment: "pypi" },
        attestations: [attestation],
      },
    ],
  });
});

function refusalOf(attestation: AttestationObject): string | undefined {
  return sigstoreRefusal(attestation, authority.trustedRootJson);
}
