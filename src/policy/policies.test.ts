import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { judgeCase } from "./cases/judge-case.ts";
import { parseCases } from "./cases/parse-cases.ts";
import { parsePolicy } from "./parse.ts";

const folder = new URL("../../policies/", import.meta.url);
const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
/** A case says when it is judged, or it does not matter when. */
const days = ["2026-11-21", "2036-01-01"].map((day) => new Date(day));

for (const name of names) {
  const read = (file: string) => readFileSync(new URL(`${name}/${file}`, folder), "utf8");
  const policy = parsePolicy(read("policy.toml"), `policies/${name}/policy.toml`);
  const cases = parseCases(read("cases.json"), `policies/${name}/cases.json`);

  for (const policyCase of cases) {
    test(`policies/${name}: ${policyCase.title}`, () => {
      assert.ok(policyCase.expect.rule && policyCase.expect.findings, "the case says all there is to say");
      for (const day of days) assert.deepEqual(judgeCase(policy, policyCase, day).differences, []);
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

  test(`policies/${name}: has a row in policies/README.md, and a README of its own`, () => {
    assert.ok(readFileSync(new URL("README.md", folder), "utf8").includes(`[${name}](${name}/README.md)`));
    assert.ok(read("README.md").startsWith(`# ${name}\n`));
  });
}
