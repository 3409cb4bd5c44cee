import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonReader } from "../encoding/json-reader.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import { checkPublisherClaim, readPublisherClaim } from "./publisher-claim.ts";

const repository = "https://github.com/pypa/sampleproject";
const signer: AttestedSigner = {
  kind: "github",
  claims: {
    issuer: "https://token.actions.githubusercontent.com",
    san: { type: "uri", value: `${repository}/.github/workflows/release.yml@refs/tags/v4` },
    sourceRepositoryUri: repository,
    sourceRepositoryRef: "refs/tags/v4",
    buildConfigUri: `${repository}/.github/workflows/release.yml@refs/tags/v4`,
  },
};
const claim = { kind: "GitHub", repository: "pypa/sampleproject", workflow: "release.yml" };

function check(publisher: Record<string, string | null>, environment?: string): void {
  const reader = new JsonReader(publisher, "publisher", (problem) => {
    throw new Error(problem);
  });
  const claims = { ...signer.claims, ...(environment !== undefined && { deploymentEnvironment: environment }) };
  checkPublisherClaim(readPublisherClaim(reader), { ...signer, claims });
}

test("checkPublisherClaim() accepts what agrees with the certificate", () => {
  check(claim);
  check({ ...claim, environment: "pypi" }, "pypi");
});

test("checkPublisherClaim() takes an absent, null or empty environment for none", () => {
  for (const environment of [null, ""]) check({ ...claim, environment }, "pypi");
  check(claim, "pypi");
});

test("checkPublisherClaim() takes silence of the certificate about the environment for no contradiction", () => {
  check({ ...claim, environment: "pypi" });
});

test("checkPublisherClaim() has nothing to say about a kind that tspip does not know", () => {
  check({ kind: "Next Year's" });
});

for (const [what, bent] of [
  ["another repository", { ...claim, repository: "mallory/sampleproject" }],
  ["another workflow", { ...claim, workflow: "other.yml" }],
  ["a workflow that is a pattern", { ...claim, workflow: "*" }],
  ["another environment", { ...claim, environment: "testpypi" }],
  ["another kind", { kind: "GitLab", repository: "pypa/sampleproject", workflow_filepath: "release.yml" }],
  ["an e-mail address", { kind: "Google", email: "a@example.test" }],
] as const) {
  test(`checkPublisherClaim() refuses ${what}`, () => {
    assert.throws(() => check(bent, "pypi"), { code: "publisher-mismatch" });
  });
}
