import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice,
  brief,
  briefly,
  judge,
  now,
  type Situation,
  sdist,
  signers,
  stranger,
  wheel,
} from "../testing/policy-judging.ts";
import type { Evidence } from "../verdict/evidence.ts";
import { evidenceOf, subjectOf } from "./cases/case-evidence.ts";
import type { PolicyCase } from "./cases/policy-case.ts";
import { decide } from "./decide.ts";
import { defaultPolicy, defaultPolicyText } from "./default-policy.ts";
import { parsePolicy } from "./parse.ts";
import type { PolicySubject } from "./policy.ts";

/** How the parts of a policy come together: which rule, in which mode, and what is told. */

test("decide() names the artifact, the rule, what is there and what is wanted", () => {
  const message = (text: string, situation: Situation) => judge(text, situation).findings[0]?.message;
  const rule = '[[rule]]\nmatch = { name = "demo" }\nattestation = "require"\n';
  assert.equal(
    message(`${signers}${rule}publish = { signer = "alice" }`, { attestations: [{ publish: stranger }] }),
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "rule 1" asks for a publish attestation by signer "alice", it is by GitHub mallory/alice (release.yml, refs/tags/v1.0) (repository: the certificate has "mallory/alice", wanted is "acme/alice")',
  );
  assert.equal(
    message(`${signers}${rule}publish = { group = "both" }`, { attestations: [{ publish: alice }] }),
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "rule 1" asks for publish attestations by 2 of group "both", 1 of them signed',
  );
  assert.equal(
    message(`${rule}mode = "warn"`, { attestations: ["none"] }),
    'Would not admit "demo-1.0-py3-none-any.whl": policy rule "rule 1" asks for an attestation, the index says that there is none',
  );
  assert.equal(
    message(rule, { attestations: ["unavailable"] }),
    'Cannot decide about "demo-1.0-py3-none-any.whl": attestations could not be had from https://pypi.org/integrity/: the index did not answer',
  );
  assert.equal(
    message(rule, { attestations: ["none"] }),
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "rule 1" asks for an attestation, the index says that there is none',
  );
});

test("decide() applies the first rule that matches", () => {
  const policy = `[[rule]]
match = { name = "demo", version = ">=2" }
attestation = "require"
[[rule]]
match = { name = "dem*" }
hashes = "require"
[[rule]]
match = { name = "demo" }
mode = "off"`;
  assert.equal(judge(policy).rule, "rule 2");
  assert.equal(briefly(policy), "deny hash-required");
  assert.equal(judge(policy, { artifact: { filename: "demo-2.0-py3-none-any.whl" } }).rule, "rule 1");
  assert.equal(judge(policy, { artifact: { filename: "other-2.0-py3-none-any.whl" } }).rule, "default");
});

test("decide() warns until the day of enforce-after, saying so, and refuses from then on", () => {
  const policy = parsePolicy(
    'version = 1\n[default]\nmode = "warn"\nenforce-after = 2026-12-01\nattestation = "require"\n[[rule]]\nmatch = { name = "other" }\nmode = "warn"',
    "policy.toml",
  );
  const at = (time: string, filename = wheel.filename) => {
    const given = { artifact: { filename }, attestations: ["none"] as const };
    return decide(policy, subjectOf(given), evidenceOf(given), new Date(time));
  };
  assert.equal(brief(at("2026-11-30T23:59:59.999Z")), "allow attestation-absent");
  assert.match(at("2026-11-21").findings[0]?.message ?? "", /; this is enforced from 2026-12-01 on$/);
  assert.equal(brief(at("2026-12-01T00:00:00Z")), "deny attestation-absent");
  const given = { artifact: wheel, attestations: [] };
  const yanked = { ...subjectOf(given), yanked: "" };
  const { findings } = decide(policy, yanked, evidenceOf(given), new Date("2026-11-21"));
  const words = findings.find(({ id }) => id === "yanked")?.message ?? "";
  assert.match(words, /yanked/);
  assert.doesNotMatch(words, /enforced/, "it stays a warning");
  // A rule that says its mode says all of it.
  assert.equal(brief(at("2027-01-01", "other-1.0-py3-none-any.whl")), "allow attestation-absent");
});

test("decide() takes an expired policy where the user allows it, with a warning", () => {
  const policy = { ...parsePolicy("version = 1\nexpires = 2026-01-01", "policy.toml"), allowsExpired: true };
  const given = { artifact: wheel, attestations: ["none"] as const };
  assert.equal(brief(decide(policy, subjectOf(given), evidenceOf(given), now)), "allow policy-expired");
});

test("decide() refuses everything once the policy has expired", () => {
  const policy = (expires: string) =>
    parsePolicy(`version = 1\nexpires = ${expires}\n[default]\nmode = "off"`, "policy.toml");
  const given = { artifact: wheel, attestations: [] };
  const at = (time: string) => decide(policy("2027-06-30"), subjectOf(given), evidenceOf(given), new Date(time));
  assert.equal(brief(at("2027-06-30T23:59:59.999Z")), "allow");
  assert.equal(brief(at("2027-07-01T00:00:00Z")), "deny policy-expired");
  assert.match(
    at("2028-01-01T00:00:00Z").findings[0]?.message ?? "",
    /the policy was good until 2027-06-30, today is 2028-01-01$/,
  );
});

test("decide() lets an inspector refuse and fail under every mode, and never vouch", () => {
  const problems = [{ id: "inspector-refused", message: "The scanner says no" }] as const;
  for (const mode of ["enforce", "warn", "off"]) {
    const policy = `[default]\nmode = "${mode}"`;
    assert.equal(
      briefly(policy, { more: [{ kind: "inspector", inspector: "scan", outcome: "invalid", problems }] }),
      "deny inspector-refused",
    );
    assert.equal(
      briefly(policy, { more: [{ kind: "inspector", inspector: "scan", outcome: "unavailable", reason: "no" }] }),
      "undecided evidence-unavailable",
    );
  }
});

test("decide() refuses invalid evidence that gives no reason", () => {
  const kinds = ["index-digest", "user-hash", "archive", "record", "attestation", "inspector"] as const;
  for (const kind of kinds) {
    const evidence = { kind, outcome: "invalid", problems: [], source: "somewhere", inspector: "scan" } as Evidence;
    assert.equal(judge("", { more: [evidence] }).decision, "deny", kind);
  }
});

test("decide() without evidence is final only when it denies", () => {
  const before = (text: string, artifact: PolicyCase["artifact"]) => {
    const { sha256: _, ...subject } = subjectOf({ artifact });
    return brief(decide(parsePolicy(`version = 1\n${text}`, "policy.toml"), subject, [], now));
  };
  assert.match(before("", wheel), /^undecided/);
  assert.match(before('[default]\nattestation = "require"\nhashes = "require"', wheel), /^undecided/);
  assert.equal(before("", sdist), "deny sdist-refused");
  assert.equal(before('[floor]\ndeny = [{ name = "demo" }]', wheel), "deny denied-by-policy");
  assert.match(
    before(`[floor]\ndeny = [{ sha256 = "${"ab".repeat(32)}" }]\n[default]\nmode = "off"`, sdist),
    /^undecided/,
  );
});

test("decide() gives warnings beside what it decides", () => {
  const yanked: PolicySubject = { ...subjectOf({ artifact: wheel }), yanked: "" };
  const evidence = evidenceOf({ artifact: wheel, attestations: ["invalid"] });
  const { findings } = decide(defaultPolicy(), yanked, evidence, now);
  assert.deepEqual(
    findings.map(({ id, severity }) => [id, severity]),
    [
      ["attestation-invalid", "error"],
      ["yanked", "warning"],
    ],
  );
});

test("defaultPolicyText writes out what is built in", () => {
  assert.deepEqual(parsePolicy(defaultPolicyText, "default"), parsePolicy("version = 1", "policy.toml"));
});

test("decide() by the digest asks for nothing that takes the bytes, and for all else", () => {
  const policy = parsePolicy("version = 1", "policy.toml");
  const situation = { artifact: wheel, attestations: ["none"] } as const;
  const told = evidenceOf(situation).filter(({ kind }) => kind !== "archive" && kind !== "record");
  const by = (judged: "bytes" | "digest", evidence: readonly Evidence[]) =>
    decide(policy, subjectOf(situation), evidence, now, judged).decision;
  assert.equal(by("digest", told), "allow");
  assert.equal(by("bytes", told), "undecided");
  const bent = evidenceOf({ ...situation, hash: "mismatch" }).filter(
    ({ kind }) => kind !== "archive" && kind !== "record",
  );
  assert.equal(by("digest", bent), "deny");
});
