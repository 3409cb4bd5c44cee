import assert from "node:assert/strict";
import { test } from "node:test";
import { publisherTable, tableMismatches } from "./publisher-table.ts";
import type { AttestedSigner } from "./signer.ts";

const github: AttestedSigner = {
  kind: "github",
  claims: {
    issuer: "https://token.actions.githubusercontent.com",
    san: { type: "uri", value: "https://github.com/acme/tool/.github/workflows/release.yml@refs/tags/v1" },
    sourceRepositoryUri: "https://github.com/acme/tool",
    sourceRepositoryRef: "refs/tags/v1",
    buildConfigUri: "https://github.com/acme/tool/.github/workflows/release.yml@refs/tags/v1",
    deploymentEnvironment: "pypi",
  },
};
const table = { kind: "GitHub", repository: "acme/tool", workflow: "release.yml", environment: "pypi" };

test("publisherTable() names a Trusted Publisher in PyPI's words, and nobody else", () => {
  assert.deepEqual(publisherTable(github), table);
  const person = {
    kind: "email",
    claims: { issuer: "https://accounts.example", san: { type: "email", value: "a@b.example" } },
  } as const;
  assert.equal(publisherTable(person), undefined);
  const { buildConfigUri: _, ...withoutWorkflow } = github.claims;
  assert.equal(publisherTable({ kind: "github", claims: withoutWorkflow }), undefined);
});

test("tableMismatches() compares every key it knows, exactly", () => {
  assert.deepEqual(tableMismatches(github, table), []);
  assert.deepEqual(tableMismatches(github, { ...table, later: "key" }), []);
  for (const [key, value] of [
    ["kind", "GitLab"],
    ["kind", "constructor"],
    ["repository", "acme/other"],
    ["repository", "ACME/tool"],
    ["repository", ""],
    ["workflow", "*.yml"],
    ["workflow", "other.yml"],
    ["environment", "production"],
  ] as const)
    assert.equal(tableMismatches(github, { ...table, [key]: value }).length > 0, true, `${key} = "${value}"`);
});

test("tableMismatches() lets a certificate be silent about the environment, and a table too", () => {
  const { deploymentEnvironment: _, ...silent } = github.claims;
  assert.deepEqual(tableMismatches({ kind: "github", claims: silent }, table), []);
  const { environment: __, ...open } = table;
  assert.deepEqual(tableMismatches(github, open), []);
});
