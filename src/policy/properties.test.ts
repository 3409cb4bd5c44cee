import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizeProjectName } from "../distribution/project-name.ts";
import fc from "../testing/fast-check.ts";
import type { Publisher } from "../trust/publisher.ts";
import type { Evidence } from "../verdict/evidence.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { evidenceOf, subjectOf } from "./cases/case-evidence.ts";
import type { CaseAttestation, CaseSignature, PolicyCase } from "./cases/policy-case.ts";
import { predicateTypes } from "./condition.ts";
import { decide } from "./decide.ts";
import { parseDuration } from "./duration.ts";
import { withPins } from "./pins.ts";
import {
  attestationDemands,
  changeDemands,
  distinctBys,
  hashDemands,
  type KeyReference,
  missingTimes,
  modes,
  newDemands,
  type Policy,
  type PolicyException,
  type PolicyRule,
  type PolicySigner,
  type SignerCondition,
  sdistDemands,
  statusDemands,
  waivables,
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

type Unnamed =
  | { readonly kind: "publisher"; readonly publisher: Publisher }
  | { readonly kind: "key"; readonly key: KeyReference };

const publisherSigner = member.map((given): Unnamed => ({ kind: "publisher", publisher: given }));
const keys = ["ed25519:one", "ed25519:two", "p256:three"] as const;
const keySigner: fc.Arbitrary<Unnamed> = fc.oneof(
  fc.constantFrom(...keys).map((id): Unnamed => ({ kind: "key", key: { kind: "public-key", id } })),
  fc.constantFrom("two", "four").map((id): Unnamed => ({ kind: "key", key: { kind: "keyring", id } })),
);

function quorumOf(signer: fc.Arbitrary<Unnamed>): fc.Arbitrary<SignerCondition> {
  return fc
    .record({
      chosen: fc.array(signer, { minLength: 1, maxLength: 4 }),
      wanted: fc.integer({ min: 1, max: 4 }),
      distinctBy: fc.constantFrom(...distinctBys),
    })
    .map(({ chosen, wanted, distinctBy }) => {
      const members = chosen.map((given, at): PolicySigner => ({ ...given, name: `signer-${at}` }));
      return { name: "group", members, threshold: Math.min(wanted, members.length), distinctBy };
    });
}

// Most policies should admit something, or there is little to compare.
const projectDemand = fc.constantFrom("allow", "allow", "allow", "warn", "deny" as const);
const status = fc.record({
  yanked: fc.constantFrom(...statusDemands),
  archived: projectDemand,
  deprecated: projectDemand,
});

const signers = quorumOf(publisherSigner);
const keySigners = quorumOf(keySigner);
const anySigners = quorumOf(fc.oneof(publisherSigner, keySigner));

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
      sources: fc.constantFrom(["https://pypi.org/simple/"], ["https://pypi.org/simple/", "local"]),
      sdist: fc.constantFrom(...sdistDemands),
      signatures: keySigners,
      vouch: anySigners,
      continuity: fc.record({
        pins: fc.constant("pins.json"),
        onNew: fc.constantFrom(...newDemands),
        onChange: fc.constantFrom(...changeDemands),
        onLoss: fc.constantFrom(...changeDemands),
      }),
      minAge: fc.constantFrom("P0D", "P3D", "P30D").map((text) => parseDuration(text) ?? assert.fail(text)),
      missingTime: fc.constantFrom(...missingTimes),
      status,
      enforceAfter: fc.constantFrom(new Date("2026-11-01T00:00:00Z"), new Date("2027-01-01T00:00:00Z")),
    },
    { requiredKeys: ["name", "match", "mode", "attestation", "hashes", "sdist", "missingTime", "status"] },
  )
  // As parsing has it: under "if-present" nobody can ask for two signers.
  .map((made) =>
    made.attestation === "if-present" || made.attestation === "no-downgrade"
      ? { ...made, ...single(made, "publish"), ...single(made, "slsa") }
      : made,
  );

function single(made: PolicyRule, key: "publish" | "slsa"): Partial<PolicyRule> {
  const condition = made[key];
  return condition === undefined ? {} : { [key]: { ...condition, threshold: 1 } };
}

const exception: fc.Arbitrary<PolicyException> = fc.record({
  id: fc.constantFrom("EX-1", "EX-2"),
  match: fc.constantFrom({}, { name: "demo" }, { name: "nothing" }),
  waive: fc.subarray([...waivables], { minLength: 1 }),
  reason: fc.constant("there is none"),
  owner: fc.constant("security@example.org"),
  expires: fc.constantFrom(new Date("2026-11-21T00:00:00Z"), new Date("2026-12-01T00:00:00Z")),
});

const pinnedPublisher: Publisher = { kind: "github", repository: "acme/a", workflow: "release.yml" };
const pinned = {
  project: normalizeProjectName("demo"),
  version: "0.9",
  filename: "demo-0.9-py3-none-any.whl",
  signers: ["github acme/a release.yml"],
};

/** Signs before every case, so that what denies it needs the evidence and is met. */
const denied = {
  kind: "publisher",
  name: "denied",
  publisher: { kind: "github", repository: "acme/a" },
} as const;

const policy: fc.Arbitrary<Policy> = fc.record({
  trust: fc.constant({ sigstore: { kind: "embedded" as const }, attestations: [] }),
  keys: fc.constant([]),
  floor: fc.record({
    deny: fc.subarray([
      { kind: "release", name: subjectOf({ artifact: { filename: "demo-1.0-py3-none-any.whl" } }).name },
      { kind: "digest", sha256: "ab".repeat(32) },
      { kind: "signer", signer: denied, until: new Date("2026-10-01T00:00:00Z") },
      { kind: "signer", signer: { kind: "key", name: "denied", key: { kind: "public-key", id: "ed25519:denied" } } },
    ] as const),
    status,
  }),
  rules: fc.constant([]),
  default: rule,
  exceptions: fc.array(exception, { maxLength: 2 }),
  pins: fc.constantFrom(new Map(), new Map([["pins.json", withPins(new Map(), [pinned])]])),
});

const signature: fc.Arbitrary<CaseSignature> = fc.oneof(
  fc.constantFrom<CaseSignature>("absent", "invalid", "unavailable"),
  fc.constantFrom(...keys).map((key): CaseSignature => ({ key })),
  fc.constantFrom("two", "four").map((keyName): CaseSignature => ({ key: "ed25519:two", keyName })),
);

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
        projectStatus: fc.constantFrom("archived", "deprecated"),
        sha256: fc.constantFrom("ab".repeat(32), "cd".repeat(32)),
        origin: fc.constantFrom("index", "links", "url", "local"),
        uploadTime: fc.constantFrom("2026-11-20T00:00:00Z", "2026-11-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        attestedBefore: fc.constant("0.9"),
      },
      { requiredKeys: ["filename"] },
    ),
    attestations: fc.array(attestation, { maxLength: 5 }),
    signatures: fc.array(signature, { maxLength: 4 }),
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
    fc.property(policy, situation, fc.constantFrom("publish", "slsa"), fc.nat(), (made, given, predicate, pick) => {
      // Whom pins accept, only pins say: below.
      const { continuity: _, ...base } = made.default;
      const judging = { ...made, default: base };
      const accepted = judging.default[predicate]?.members.flatMap((known) =>
        known.kind === "publisher" ? [known.publisher] : [],
      );
      fc.pre(accepted !== undefined && accepted.length > 0);
      fc.pre(judge(judging, given).decision === "allow");
      const by = accepted?.[pick % accepted.length];
      const attestations = [...given.attestations, { [predicate]: by } as CaseAttestation];
      assert.equal(judge(judging, { ...given, attestations }).decision, "allow");
    }),
    { numRuns: 200 },
  );
});

test("decide(): an attestation by the pinned signer never turns allow into anything else", () => {
  fc.assert(
    fc.property(policy, situation, (judging, given) => {
      const { publish: _, slsa: __, ...base } = judging.default;
      const compared = { ...judging, default: base };
      fc.pre(base.continuity !== undefined && judge(compared, given).decision === "allow");
      const attestations = [...given.attestations, { publish: pinnedPublisher }];
      assert.equal(judge(compared, { ...given, attestations }).decision, "allow");
    }),
    { numRuns: 200 },
  );
});

test("decide(): a signature by an accepted key never turns allow into anything else", () => {
  fc.assert(
    fc.property(policy, situation, fc.constantFrom("signatures", "vouch"), fc.nat(), (judging, given, asked, pick) => {
      const accepted = judging.default[asked]?.members.flatMap((known) => (known.kind === "key" ? [known.key] : []));
      fc.pre(judge(judging, given).decision === "allow" && accepted !== undefined && accepted.length > 0);
      const key = accepted?.[pick % accepted.length];
      const by: CaseSignature =
        key?.kind === "public-key" ? { key: key.id } : { key: "p256:four", keyName: key?.id ?? "" };
      const signatures = [...(given.signatures ?? []), by];
      assert.equal(judge(judging, { ...given, signatures }).decision, "allow");
    }),
    { numRuns: 200 },
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
    { numRuns: 200 },
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
    { numRuns: 200 },
  );
});

test('decide(): mode = "warn" refuses exactly what mode = "off" refuses, and keeps every finding', () => {
  fc.assert(
    fc.property(policy, situation, (judging, given) => {
      const { enforceAfter: _, ...always } = judging.default;
      const under = (mode: PolicyRule["mode"]) => judge({ ...judging, default: { ...always, mode } }, given);
      const [enforced, warned, off] = [under("enforce"), under("warn"), under("off")];
      assert.equal(warned.decision, off.decision);
      const ids = new Set(warned.findings.map(({ id }) => id));
      for (const { id } of enforced.findings) assert.ok(ids.has(id) || warned.decision === "deny", id);
    }),
    { numRuns: 200 },
  );
});

test("decide(): exceptions and enforce-after change nothing of the floor, and an exception never refuses anything", () => {
  fc.assert(
    fc.property(policy, situation, (judging, given) => {
      const off = judge({ ...judging, default: { ...judging.default, mode: "off" } }, given);
      const rank = (verdict: Verdict) => ["allow", "undecided", "deny"].indexOf(verdict.decision);
      const excepted = judge(judging, given);
      const strict = judge({ ...judging, exceptions: [] }, given);
      if (off.decision === "deny") assert.equal(excepted.decision, "deny");
      if (off.decision === "undecided") assert.notEqual(excepted.decision, "allow");
      assert.ok(rank(excepted) <= rank(strict));
      // What is waived is still told.
      const ids = new Set(excepted.findings.map(({ id }) => id));
      if (excepted.decision !== "deny") for (const { id } of strict.findings) assert.ok(ids.has(id), id);
    }),
    { numRuns: 200 },
  );
});

test("decide(): a denial before the download is final", () => {
  fc.assert(
    fc.property(policy, situation, (judging, given) => {
      const { sha256: _, ...early } = subjectOf(given);
      if (decide(judging, early, [], now).decision === "deny") assert.equal(judge(judging, given).decision, "deny");
    }),
    { numRuns: 200 },
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
      const { slsa: _, minAge: __, ...base } = judging.default;
      const strict: Policy = {
        ...judging,
        exceptions: [],
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
