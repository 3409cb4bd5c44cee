import assert from "node:assert/strict";
import { test } from "node:test";
import { describeSigner, type Publisher, publisherMismatches, publisherOf, signerKind } from "./publisher.ts";
import type { AttestedSigner, CertificateClaims } from "./signer.ts";

const repository = "https://github.com/pypa/sampleproject";
const githubClaims: CertificateClaims = {
  issuer: "https://token.actions.githubusercontent.com",
  san: { type: "uri", value: `${repository}/.github/workflows/release.yml@refs/tags/v4` },
  buildSignerUri: `${repository}/.github/workflows/release.yml@refs/tags/v4`,
  runnerEnvironment: "github-hosted",
  sourceRepositoryUri: repository,
  sourceRepositoryDigest: "0123456789abcdef0123456789abcdef01234567",
  sourceRepositoryRef: "refs/tags/v4",
  sourceRepositoryId: "4242",
  sourceRepositoryOwnerId: "4243",
  buildConfigUri: `${repository}/.github/workflows/release.yml@refs/tags/v4`,
  buildTrigger: "release",
  deploymentEnvironment: "pypi",
};
const full: Publisher = {
  kind: "github",
  repository: "pypa/sampleproject",
  workflow: "release.yml",
  ref: "refs/tags/v4",
  environment: "pypi",
  event: "release",
  runner: "github-hosted",
  repositoryId: "4242",
  ownerId: "4243",
  builder: `${repository}/.github/workflows/release.yml@refs/tags/v4`,
};

function signer(claims: CertificateClaims): AttestedSigner {
  return { kind: signerKind(claims), claims };
}

function without(name: keyof CertificateClaims): CertificateClaims {
  const { [name]: _, ...rest } = githubClaims;
  return rest as CertificateClaims;
}

test("publisherMismatches() is empty for the publisher with all its fields, and with few", () => {
  assert.deepEqual(publisherMismatches(signer(githubClaims), full), []);
  assert.deepEqual(publisherMismatches(signer(githubClaims), { kind: "github", repository: "pypa/sampleproject" }), []);
});

for (const [field, wanted] of [
  ["repository", "pypa/sample"],
  ["repository", "pypa/sampleproject2"],
  ["repository", "PyPA/sampleproject"],
  ["repository", "pypa/*"],
  ["workflow", "release"],
  ["workflow", "release.yml@refs/tags/v4"],
  ["workflow", "other.yml"],
  ["ref", "refs/tags/v"],
  ["ref", "refs/heads/*"],
  ["environment", "pyp*"],
  ["event", "push"],
  ["runner", "self-hosted"],
  ["repositoryId", "42"],
  ["ownerId", "4244"],
  ["builder", "pypa/other/.github/workflows/release.yml"],
] as const) {
  test(`publisherMismatches() names ${field} when "${wanted}" is wanted`, () => {
    const mismatches = publisherMismatches(signer(githubClaims), { ...full, [field]: wanted });
    assert.equal(mismatches.length, 1, mismatches.join("; "));
    assert.match(mismatches[0] ?? "", /^[a-z-]+: the certificate has ".+", wanted is ".+"$/);
  });
}

test("publisherMismatches() lets * stand for any characters in ref and workflow", () => {
  for (const ref of ["refs/tags/*", "*", "refs/*/v4", "refs/tags/v4*", "*v4"]) {
    assert.deepEqual(publisherMismatches(signer(githubClaims), { ...full, ref }), [], ref);
  }
  assert.deepEqual(publisherMismatches(signer(githubClaims), { ...full, workflow: "rel*.yml" }), []);
  for (const ref of ["refs/tags/v4*4", "*v", "refs/tags/v4v4*", "refs/*/heads/*"]) {
    assert.equal(publisherMismatches(signer(githubClaims), { ...full, ref }).length, 1, ref);
  }
});

test("publisherMismatches() does not take silence of the certificate for agreement", () => {
  assert.deepEqual(publisherMismatches(signer(without("deploymentEnvironment")), full), [
    'environment: the certificate names none, wanted is "pypi"',
  ]);
  assert.equal(publisherMismatches(signer(without("buildConfigUri")), full).length, 1);
});

test("publisherMismatches() takes the builder with or without host and ref", () => {
  const reusable = "acme/workflows/.github/workflows/publish.yml";
  const claims = { ...githubClaims, buildSignerUri: `https://github.com/${reusable}@refs/tags/v1` };
  for (const builder of [reusable, `${reusable}@refs/tags/v1`, `https://github.com/${reusable}`]) {
    assert.deepEqual(publisherMismatches(signer(claims), { ...full, builder }), [], builder);
  }
  assert.equal(publisherMismatches(signer(claims), { ...full, builder: `${reusable}@refs/tags/v2` }).length, 1);
});

test("publisherMismatches() compares the workflow of the source repository only", () => {
  const claims = {
    ...githubClaims,
    buildConfigUri: "https://github.com/mallory/x/.github/workflows/release.yml@refs/tags/v4",
  };
  assert.equal(publisherMismatches(signer(claims), full).length, 1);
});

test("publisherMismatches() compares the issuer exactly, for every kind", () => {
  const publishers: Publisher[] = [
    full,
    { kind: "gitlab", repository: "a/b" },
    { kind: "google", email: "a@example.test" },
    { kind: "circleci", projectId: "p", pipelineDefinitionId: "d" },
    { kind: "activestate", organization: "o", project: "p" },
    { kind: "email", email: "a@example.test", issuer: "https://login.example.test" },
  ];
  const stranger = signer({ ...githubClaims, issuer: "https://token.actions.githubusercontent.com.evil.test" });
  for (const publisher of publishers) {
    assert.match(publisherMismatches(stranger, publisher).join("\n"), /^issuer: /m, publisher.kind);
  }
});

test("publisherMismatches() takes no URI for an e-mail address", () => {
  const san = { type: "uri", value: "alice@example.test" } as const;
  const publisher = { kind: "email", email: "alice@example.test", issuer: "https://login.example.test" } as const;
  assert.equal(publisherMismatches(signer({ issuer: publisher.issuer, san }), publisher).length, 1);
  assert.deepEqual(
    publisherMismatches(signer({ issuer: publisher.issuer, san: { ...san, type: "email" } }), publisher),
    [],
  );
});

test("publisherMismatches() refuses a CircleCI job that somebody had a shell in", () => {
  const pipeline = "https://circleci.com/api/v2/projects/p/pipeline-definitions/d";
  const claims = {
    issuer: "https://oidc.circleci.com",
    san: { type: "uri", value: pipeline },
    buildSignerUri: pipeline,
  } as const;
  const publisher = { kind: "circleci", projectId: "p", pipelineDefinitionId: "d" } as const;
  assert.deepEqual(publisherMismatches(signer(claims), publisher), []);
  assert.equal(publisherMismatches(signer({ ...claims, runnerEnvironment: "ssh-rerun" }), publisher).length, 1);
});

test("publisherOf() says of a signer what a policy would, and that matches", () => {
  const publisher = publisherOf(signer(githubClaims));
  assert.deepEqual(publisher, full);
  assert.deepEqual(publisherMismatches(signer(githubClaims), publisher ?? assert.fail()), []);
});

test("describeSigner() is one line", () => {
  assert.equal(
    describeSigner(signer(githubClaims)),
    "GitHub pypa/sampleproject (release.yml, refs/tags/v4, environment pypi)",
  );
  const email = { issuer: "https://login.example.test", san: { type: "email", value: "a@example.test" } } as const;
  assert.equal(describeSigner(signer(email)), "a@example.test (https://login.example.test)");
});
