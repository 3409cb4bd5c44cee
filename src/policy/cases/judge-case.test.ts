import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicy } from "../parse.ts";
import { judgeCase } from "./judge-case.ts";
import type { PolicyCase } from "./policy-case.ts";

const policy = parsePolicy('version = 1\nexpires = 2026-12-31\n[default]\nattestation = "require"\n', "p");
const today = new Date("2026-11-21");

function differences(expect: PolicyCase["expect"], more: Partial<PolicyCase> = {}) {
  const artifact = { filename: "demo-1.0-py3-none-any.whl" };
  return judgeCase(policy, { title: "t", artifact, attestations: ["none"], expect, ...more }, today).differences;
}

test("judgeCase() compares what a case expects, and nothing else", () => {
  assert.deepEqual(differences({ decision: "deny" }), []);
  assert.deepEqual(differences({ decision: "deny", rule: "default", findings: ["attestation-absent"] }), []);
  assert.deepEqual(differences({ decision: "allow", rule: "rule 1", findings: [] }), [
    { what: "decision", expected: "allow", actual: "deny" },
    { what: "rule", expected: "rule 1", actual: "default" },
    { what: "findings", expected: "none", actual: "attestation-absent" },
  ]);
  assert.deepEqual(differences({ decision: "deny", findings: ["attestation-absent", "yanked"] }), [
    { what: "findings", expected: "attestation-absent, yanked", actual: "attestation-absent" },
  ]);
});

test("judgeCase() judges today, unless the case says when", () => {
  assert.deepEqual(
    differences({ decision: "deny", findings: ["policy-expired", "attestation-absent"] }, { now: "2027-01-01" }),
    [],
  );
});
