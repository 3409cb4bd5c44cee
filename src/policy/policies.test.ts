import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { evidenceOf, type PolicyCase, subjectOf } from "../testing/policy-case.ts";
import { decide } from "./decide.ts";
import { parsePolicy } from "./parse.ts";

const folder = new URL("../../policies/", import.meta.url);
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

for (const name of names) {
  const read = (file: string) => readFileSync(new URL(`${name}/${file}`, folder), "utf8");
  const policy = parsePolicy(read("policy.toml"), `policies/${name}/policy.toml`);
  const cases = JSON.parse(read("cases.json")) as readonly PolicyCase[];

  for (const policyCase of cases) {
    test(`policies/${name}: ${policyCase.title}`, () => {
      const now = new Date(policyCase.now ?? "2026-11-21");
      const { decision, rule, findings } = decide(policy, subjectOf(policyCase), evidenceOf(policyCase), now);
      assert.deepEqual({ decision, rule, findings: findings.map(({ id }) => id) }, policyCase.expect);
    });
  }

  test(`policies/${name}: every rule admits something in a case, and the policy refuses something`, () => {
    const admitting = new Set(
      cases.filter(({ expect }) => expect.decision === "allow").map(({ expect }) => expect.rule),
    );
    assert.deepEqual(
      [policy.default, ...policy.rules].map((rule) => rule.name).filter((rule) => !admitting.has(rule)),
      [],
    );
    assert.ok(cases.some(({ expect }) => expect.decision === "deny"));
  });

  test(`policies/${name}: cases have different titles, and a row in policies/README.md`, () => {
    assert.equal(new Set(cases.map(({ title }) => title)).size, cases.length);
    assert.ok(readFileSync(new URL("README.md", folder), "utf8").includes(`[${name}](${name}/README.md)`));
    assert.ok(read("README.md").startsWith(`# ${name}\n`));
  });
}
