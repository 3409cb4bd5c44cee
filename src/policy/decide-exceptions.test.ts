import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice,
  brief,
  excepted,
  judge,
  keys,
  now,
  type Situation,
  sdist,
  signers,
  stranger,
  wheel,
} from "../testing/policy-judging.ts";
import { evidenceOf, subjectOf } from "./cases/case-evidence.ts";
import type { CaseAttestation } from "./cases/policy-case.ts";
import { decide } from "./decide.ts";
import { parsePolicy } from "./parse.ts";
import { expiredExceptions } from "./waive.ts";

/** What exceptions waive, what they cannot, and until when. */

const unmetConditions: readonly (readonly [key: string, rule: string, situation: Situation, id: string])[] = [
  ["attestation", 'attestation = "require"', {}, "attestation-absent"],
  ["attestation", 'attestation = "require"\npublish = { signer = "alice" }', {}, "attestation-absent"],
  [
    "attestation",
    'attestation = "no-downgrade"',
    { artifact: { ...wheel, attestedBefore: "0.9" } },
    "attestation-lost",
  ],
  [
    "attestation",
    'attestation = "require"\npublish = { group = "both" }',
    { attestations: [{ publish: alice }] },
    "threshold-not-met",
  ],
  ["publish", 'publish = { signer = "alice" }', { attestations: [{ publish: stranger }] }, "signer-mismatch"],
  ["slsa", 'slsa = { signer = "alice" }', { attestations: [{ slsa: stranger }] }, "signer-mismatch"],
  ["signatures", 'signatures = { signer = "alice-key" }', {}, "signature-absent"],
  ["vouch", 'vouch = { any = ["alice", "bob-key"], threshold = 2 }', {}, "threshold-not-met"],
  ["summary", 'summary = { signer = "alice-key", verifier = "https://ci.example.org/" }', {}, "summary-absent"],
  ["hashes", 'hashes = "require"', {}, "hash-required"],
  ["sdist", 'sdist = "deny"', { artifact: sdist }, "sdist-refused"],
  ["min-age", 'min-age = "P3D"', {}, "upload-time-absent"],
  ["sources", 'sources = ["https://index.example.org/simple/"]', {}, "source-refused"],
  [
    "status",
    'status = { archived = "deny" }',
    { artifact: { ...wheel, projectStatus: "archived" } },
    "project-archived",
  ],
  ["status", 'status = { yanked = "deny" }', { artifact: { ...wheel, yanked: "" } }, "yanked"],
];

for (const [key, rule, situation, id] of unmetConditions) {
  test(`decide() waives ${key} by an exception, says so, and waives nothing else by it (${id})`, () => {
    assert.equal(brief(judge(`${signers}${keys}[default]\n${rule}`, situation)), `deny ${id}`);
    const verdict = excepted(key, rule, situation);
    assert.equal(brief(verdict), `allow ${id}`);
    const [{ exception, severity, message } = assert.fail()] = verdict.findings;
    assert.deepEqual([exception, severity], ["EX-12", "warning"]);
    assert.match(message, /; waived by exception "EX-12" until 2026-11-21 \(there is none; security@example\.org\)$/);
    for (const [other] of unmetConditions)
      if (other !== key) assert.equal(brief(excepted(other, rule, situation)), `deny ${id}`, other);
  });
}

test("decide() waives what could not be had only where no bad evidence could hide behind it", () => {
  const unavailable: Situation = { attestations: ["unavailable"], signatures: ["unavailable"] };
  assert.equal(
    brief(excepted("attestation", 'attestation = "require"', unavailable)),
    "undecided evidence-unavailable",
  );
  assert.equal(
    brief(excepted("publish", 'attestation = "require"\npublish = { signer = "alice" }', unavailable)),
    "undecided evidence-unavailable",
  );
  assert.equal(
    brief(excepted("signatures", 'attestation = "ignore"\nsignatures = { signer = "alice-key" }', unavailable)),
    "allow evidence-unavailable",
  );
});

test("decide() waives neither the floor nor a bad attestation", () => {
  const yanked = { artifact: { ...wheel, yanked: "" } };
  const floor = '[floor]\nstatus = { yanked = "deny" }\n';
  assert.equal(brief(excepted("status", "", yanked, floor)), "deny yanked");
  assert.equal(brief(excepted("attestation", "", { attestations: ["invalid"] })), "deny attestation-invalid");
  assert.equal(brief(excepted("hashes", "", { hash: "mismatch" })), "deny hash-mismatch");
});

test("decide() waives the absence of a group's attestations, and not that they are by others or of another build", () => {
  const group = 'attestation = "require"\npublish = { group = "both" }';
  const by = (rule: string, ...attestations: readonly CaseAttestation[]) =>
    brief(excepted("attestation", rule, { attestations }));
  assert.equal(by(group, { publish: stranger }), "deny signer-mismatch");
  assert.equal(by(group, "none"), "allow attestation-absent");
  assert.equal(by(group, { publish: alice }), "allow threshold-not-met");
  // A stranger's does no harm beside one that the rule asks for.
  assert.equal(by(group, { publish: alice }, { publish: stranger }), "allow threshold-not-met");
  assert.equal(brief(excepted("publish", group, { attestations: [{ publish: stranger }] })), "allow signer-mismatch");
  const build = 'attestation = "require"\nslsa = { group = "both", builder = ["https://acme.example/*"] }';
  assert.equal(by(build, { slsa: alice }), "deny build-mismatch");
  assert.equal(by(build, { slsa: stranger }), "deny signer-mismatch");
});

test("decide() names an exception that has expired, beside what it no longer waives", () => {
  const policy = parsePolicy(
    `version = 1\n[default]\nattestation = "require"\n[[exception]]\nid = "EX-1"\nmatch = { name = "demo" }\nwaive = ["attestation"]\nreason = "none"\nowner = "security@example.org"\nexpires = 2026-11-20\n`,
    "policy.toml",
  );
  const given = { artifact: wheel, attestations: ["none"] as const };
  const at = (time: string) => decide(policy, subjectOf(given), evidenceOf(given), new Date(time));
  assert.equal(brief(at("2026-11-20T23:59:59.999Z")), "allow attestation-absent");
  const late = at("2026-11-21T00:00:00Z");
  assert.equal(brief(late), "deny attestation-absent exception-expired");
  assert.equal(
    late.findings[1]?.message,
    'Would not admit "demo-1.0-py3-none-any.whl": exception "EX-1" would waive this, and held until 2026-11-20 (security@example.org)',
  );
  assert.deepEqual(
    expiredExceptions(policy, new Date("2026-11-21")).map(({ id }) => id),
    ["EX-1"],
  );
  assert.deepEqual(expiredExceptions(policy, new Date("2026-11-20T12:00:00Z")), []);
  // It is named only where it would have helped.
  const attested = { artifact: wheel, attestations: [{ publish: alice }] };
  assert.equal(brief(decide(policy, subjectOf(attested), evidenceOf(attested), now)), "allow");
});
