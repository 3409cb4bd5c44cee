import assert from "node:assert/strict";
import { test } from "node:test";
import type { Publisher } from "../trust/publisher.ts";
import { signerFor } from "./cases/case-evidence.ts";
import { distinctBys } from "./policy.ts";
import { partyOf, principalOf, signerMeaning } from "./principal.ts";

const publishers: readonly Publisher[] = [
  { kind: "github", repository: "acme/a", workflow: "release.yml" },
  { kind: "gitlab", repository: "acme/sub/a", workflow: ".gitlab-ci.yml" },
  { kind: "google", email: "a@example.org" },
  { kind: "email", email: "a@example.org", issuer: "https://login.example.org" },
  { kind: "circleci", projectId: "p", pipelineDefinitionId: "d", vcsOrigin: "github.com/acme/a" },
  { kind: "activestate", organization: "acme", project: "a" },
];

test("principalOf() says of a signer what partyOf() says of the publisher it is", () => {
  for (const publisher of publishers) {
    for (const by of distinctBys)
      assert.equal(principalOf({ kind: "certificate", signer: signerFor(publisher) }, by), partyOf(publisher, by));
  }
});

test("principalOf() tells signers apart that no policy has words for", () => {
  const other = (value: string) =>
    ({
      kind: "certificate",
      signer: { kind: "other", claims: { issuer: "https://login.example.org", san: { type: "uri", value } } },
    }) as const;
  assert.notEqual(principalOf(other("urn:a"), "identity"), principalOf(other("urn:b"), "identity"));
  assert.equal(principalOf(other("urn:a"), "owner"), principalOf(other("URN:a"), "owner"));
});

test("principalOf() does not tell apart what runs of one CircleCI pipeline have different", () => {
  const run = (id: string) => {
    const signer = signerFor({ kind: "circleci", projectId: "p", pipelineDefinitionId: "d" });
    const claims = { ...signer.claims, buildConfigUri: `https://circleci.com/api/v2/pipeline/${id}/config` };
    return { kind: "certificate", signer: { ...signer, claims } } as const;
  };
  assert.equal(principalOf(run("1"), "identity"), principalOf(run("2"), "identity"));
});

test("partyOf() names the outermost group as the owner", () => {
  assert.equal(partyOf({ kind: "gitlab", repository: "Acme/sub/a" }, "owner"), "gitlab.com/acme");
});

test("signerMeaning() is equal for one publisher in two spellings, and only then", () => {
  const meaning = (fields: Partial<Publisher>) =>
    signerMeaning({
      kind: "publisher",
      name: "acme",
      publisher: { kind: "github", repository: "acme/a", ...fields } as Publisher,
    });
  assert.equal(meaning({}), meaning({ repository: "Acme/A" } as Partial<Publisher>));
  assert.notEqual(meaning({}), meaning({ workflow: "release.yml" } as Partial<Publisher>));
  assert.notEqual(
    meaning({ ref: "refs/heads/main" } as Partial<Publisher>),
    meaning({ ref: "refs/tags/*" } as Partial<Publisher>),
  );
  assert.notEqual(
    meaning({ workflow: "Release.yml" } as Partial<Publisher>),
    meaning({ workflow: "release.yml" } as Partial<Publisher>),
  );
});
