import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CaseAttestation, evidenceOf, type PolicyCase, subjectOf } from "../testing/policy-case.ts";
import type { Publisher } from "../trust/publisher.ts";
import type { Evidence } from "../verdict/evidence.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { predicateTypes } from "./condition.ts";
import { decide } from "./decide.ts";
import {
  attestationDemands,
  distinctBys,
  hashDemands,
  modes,
  type Policy,
  type PolicyRule,
  type PolicySigner,
  type SignerCondition,
  sdistDemands,
  statusDemands,
} from "./policy.ts";

const now = new Date("2026-11-21T12:00:00Z");

/** Few names, so that signers meet: the same owner, the same repository, another workflow. */
const publisher: fc.Arbitrary<Publisher> = fc.oneof(
  fc.record({
    kind: fc.constant("github" as const),
    repository: fc.constantFrom("acme/a", "acme/b", "other/a"),
    workflow: fc.constantFrom("release.yml", "build.yml"),
  }),
  fc.record({
    kind: fc.constant("gitlab" as const),
    repository: fc.constantFrom("acme/a", "other/a"),
    workflow: fc.constant(".gitlab-ci.yml"),
  }),
  fc.record({ kind: fc.constant("google" as const), email: fc.constantFrom("a@example.org", "b@example.org") }),
);

/** A member may leave the workflow out, so that it overlaps with others. */
const member = publisher.chain((full) =>
  full.kind === "github" || full.kind === "gitlab"
    ? fc.constantFrom<Publisher>(full, { kind: full.kind, repository: full.repository })
    : fc.constant(full),
);

const signers: fc.Arbitrary<SignerCondition> = fc
  .record({
    publishers: fc.array(member, { minLength: 1, maxLength: 4 }),
    wanted: fc.integer({ min: 1, max: 4 }),
    distinctBy: fc.constantFrom(...distinctBys),
  })
  .map(({ publishers, wanted, distinctBy }) => {
    const members = publishers.map(
      (given, at): PolicySigner => ({ kind: "publisher", name: `signer-${at}`, publisher: given }),
    );
    return { name: "group", members, threshold: Math.min(wanted, members.length), distinctBy };
  });

const rule: fc.Arbitrary<PolicyRule> = fc
  .record(
    {
      name: fc.constant("default"),
      match: fc.constant({}),
      mode: fc.constantFrom(...modes),
      attestation: fc.constantFrom(...attestationDemands),
      publish: signers,
      slsa: signers,
      hashes: fc.constantFrom(...hashDemands),
      sdist: fc.constantFrom(...sdistDemands),
      status: fc.record({ yanked: fc.constantFrom(...statusDemands) }),
    },
    { requiredKeys: ["name", "match", "mode", "attestation", "hashes", "sdist", "status"] },
  )
  // As parsing has it: under "if-present" nobody can ask for two signers.
  .map((made) =>
    made.attestation === "if-present" ? { ...made, ...single(made, "publish"), ...single(made, "slsa") } : made,
  );

function single(made: PolicyRule, key: "publish" | "slsa"): Partial<PolicyRule> {
  const condition = made[key];
  return condition === undefined ? {} : { [key]: { ...condition, threshold: 1 } };
}

const policy: fc.Arbitrary<Policy> = fc.record({
  trust: fc.constant({ sigstore: { kind: "embedded" as const }, attestations: [] }),
  keys: fc.constant([]),
  floor: fc.record({
    deny: fc.subarray([
      { kind: "release", name: subjectOf({ artifact: { filename: "demo-1.0-py3-none-any.whl" } }).name },
      { kind: "digest", sha256: "ab".repeat(32) },
    ] as const),
    status: fc.record({ yanked: fc.constantFrom(...statusDemands) }),
  }),
  rules: fc.constant([]),
  default: rule,
});

const attestation: fc.Arbitrary<CaseAttestation> = fc.oneof(
  fc.constantFrom<CaseAttestation>("none", "unknown", "refused", "empty", "predicate", "invalid", "unavailable"),
  publisher.map((by) => ({ publish: by })),
  publisher.map((by) => ({ slsa: by })),
);

const situation: fc.Arbitrary<Omit<PolicyCase, "title" | "expect">> = fc.record(
  {
    artifact: fc.record(
      {
        filename: fc.constantFrom("demo-1.0-py3-none-any.whl", "other-1.0-py3-none-any.whl", "demo-1.0.tar.gz"),
        yanked: fc.constantFrom("", "broken"),
        sha256: fc.constantFrom("ab".repeat(32), "cd".repeat(32)),
      },
      { requiredKeys: ["filename"] },
    ),
    attestations: fc.array(attestation, { maxLength: 5 }),
    hash: fc.constantFrom("index", "user", "nobody", "mismatch"),
    record: fc.constantFrom("match", "mismatch", "unavailable"),
  },
  { requiredKeys: ["artifact", "attestations"] },
);

function judge(judging: Policy, given: Omit<PolicyCase, "title" | "expect">, more: readonly Evidence[] = []): Verdict {
  return decide(judging, subjectOf(given), [...evidenceOf(given), ...more], now);
}

/** What a verdict says, whatever the order. */
function saidBy({ decision, rule: name, findings }: Verdict): unknown {
  return [decision, name, findings.map(({ id, severity, message }) => `${severity} ${id} ${message}`).sort()];
}

test("decide(): an attestation by an accepted signer never turns allow into anything else", () => {
  fc.assert(
    fc.property(policy, situation, fc.constantFrom("publish", "slsa"), fc.nat(), (judging, given, predicate, pick) => {
      const accepted = judging.default[predicate]?.members.flatMap((known) =>
        known.kind === "publisher" ? [known.publisher] : [],
      );
      fc.pre(judge(judging, given).decision === "allow" && accepted !== undefined && accepted.length > 0);
      const by = accepted?.[pick % accepted.length];
      const attestations = [...given.attestations, { [predicate]: by } as CaseAttestation];
      assert.equal(judge(judging, { ...given, attestations }).decision, "allow");
    }),
    { numRuns: 500 },
  );
});

test("decide(): order and repeats of the evidence change nothing", () => {
  fc.assert(
    fc.property(policy, situation, fc.array(fc.nat(), { minLength: 16, maxLength: 16 }), (judging, given, keys) => {
      const evidence = evidenceOf(given);
      const shuffled = [...evidence, ...evidence.filter((_, at) => (keys[at] ?? 0) % 2 === 0)]
        .map((seen, at) => [keys[at % keys.length] ?? 0, seen] as const)
        .sort(([a], [b]) => a - b)
        .map(([, seen]) => seen);
      const subject = subjectOf(given);
      assert.deepEqual(
        saidBy(decide(judging, subject, shuffled, now)),
        saidBy(decide(judging, subject, evidence, now)),
      );
    }),
    { numRuns: 500 },
  );
});

test("decide(): no rule weakens the floor", () => {
  fc.assert(
    fc.property(policy, rule, situation, (judging, other, given) => {
      const off = judge({ ...judging, default: { ...judging.default, mode: "off" } }, given);
      const any = judge({ ...judging, default: other }, given);
      if (off.decision === "deny") assert.equal(any.decision, "deny");
      if (off.decision === "undecided") assert.notEqual(any.decision, "allow");
    }),
    { numRuns: 500 },
  );
});

test('decide(): mode = "warn" refuses exactly what mode = "off" refuses, and keeps every finding', () => {
  fc.assert(
    fc.property(policy, situation, (judging, given) => {
      const under = (mode: PolicyRule["mode"]) => judge({ ...judging, default: { ...judging.default, mode } }, given);
      const [enforced, warned, off] = [under("enforce"), under("warn"), under("off")];
      assert.equal(warned.decision, off.decision);
      const ids = new Set(warned.findings.map(({ id }) => id));
      for (const { id } of enforced.findings) assert.ok(ids.has(id) || warned.decision === "deny", id);
    }),
    { numRuns: 500 },
  );
});

test("decide(): a denial before the download is final", () => {
  fc.assert(
    fc.property(policy, situation, (judging, given) => {
      const { sha256: _, ...early } = subjectOf(given);
      if (decide(judging, early, [], now).decision === "deny") assert.equal(judge(judging, given).decision, "deny");
    }),
    { numRuns: 500 },
  );
});

test("decide(): a threshold counts parties, not signatures", () => {
  fc.assert(
    fc.property(policy, publisher, fc.integer({ min: 2, max: 6 }), (judging, by, times) => {
      const group: SignerCondition = {
        name: "group",
        members: [by, { kind: "google", email: "third@example.org" } as const].map((given, at) => ({
          kind: "publisher",
          name: `signer-${at}`,
          publisher: given,
        })),
        threshold: 2,
        distinctBy: "identity",
      };
      const { slsa: _, ...base } = judging.default;
      const strict: Policy = {
        ...judging,
        default: { ...base, mode: "enforce", attestation: "require", publish: group },
      };
      const given = {
        artifact: { filename: "other-1.0-py3-none-any.whl" },
        attestations: Array<CaseAttestation>(times).fill({ publish: by }),
      };
      const { decision, findings } = judge(strict, given);
      assert.equal(decision, "deny");
      assert.ok(findings.some(({ id }) => id === "threshold-not-met"));
    }),
  );
});

test("predicate types are those of PEP 740", () => {
  assert.deepEqual(Object.values(predicateTypes), [
    "https://docs.pypi.org/attestations/publish/v1",
    "https://slsa.dev/provenance/v1",
  ]);
});
