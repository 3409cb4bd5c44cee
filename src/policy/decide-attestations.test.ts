import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice,
  asWarning,
  bob,
  brief,
  briefly,
  judge,
  now,
  signers,
  stranger,
  wheel,
} from "../testing/policy-judging.ts";
import type { Evidence } from "../verdict/evidence.ts";
import { evidenceOf, subjectOf } from "./cases/case-evidence.ts";
import type { CaseAttestation } from "./cases/policy-case.ts";
import { decide } from "./decide.ts";
import { parsePolicy } from "./parse.ts";

/** What a rule makes of attestations: absent, bad, by others, fewer than before. */

/**
 * Every combination of what a rule demands and what there is. Rows: what there is; columns: require, if-present, ignore,
 * no-downgrade with an earlier release that is attested.
 */
const presence: readonly (readonly [CaseAttestation, string, string, string, string])[] = [
  ["none", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  ["unknown", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  ["refused", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  ["empty", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  ["predicate", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  [
    "unavailable",
    "undecided evidence-unavailable",
    "undecided evidence-unavailable",
    "allow",
    "undecided evidence-unavailable",
  ],
  ["invalid", "deny attestation-invalid", "deny attestation-invalid", "allow", "deny attestation-invalid"],
  [{ publish: stranger }, "allow", "allow", "allow", "allow"],
  [{ slsa: stranger }, "allow", "allow", "allow", "allow"],
];

/** The same under `publish = { signer = "alice" }`; `ignore` with a signer is a mistake of the policy. */
const signed: readonly (readonly [CaseAttestation, string, string])[] = [
  ["none", "deny attestation-absent", "allow"],
  ["unavailable", "undecided evidence-unavailable", "undecided evidence-unavailable"],
  ["invalid", "deny attestation-invalid", "deny attestation-invalid"],
  [{ publish: alice }, "allow", "allow"],
  [{ publish: stranger }, "deny signer-mismatch", "deny signer-mismatch"],
  [{ slsa: alice }, "deny attestation-absent", "allow"],
];

for (const [attestation, ...expected] of presence) {
  const what = typeof attestation === "string" ? attestation : `verified ${Object.keys(attestation)[0]}`;
  for (const [at, demand] of (["require", "if-present", "ignore", "no-downgrade"] as const).entries()) {
    const outcome = expected[at] ?? "";
    for (const [mode, wanted] of [
      ["enforce", outcome],
      ["warn", asWarning(outcome)],
      ["off", "allow"],
    ] as const) {
      test(`decide() with attestation = "${demand}" and mode = "${mode}": ${what} gives ${wanted}`, () => {
        assert.equal(
          briefly(`[default]\nattestation = "${demand}"\nmode = "${mode}"`, {
            artifact: { ...wheel, attestedBefore: "0.9" },
            attestations: [attestation],
          }),
          wanted,
        );
      });
    }
  }
}

for (const [attestation, require, ifPresent] of signed) {
  const what = JSON.stringify(attestation);
  for (const [demand, outcome] of [
    ["require", require],
    ["if-present", ifPresent],
  ] as const) {
    for (const [mode, wanted] of [
      ["enforce", outcome],
      ["warn", asWarning(outcome)],
      ["off", "allow"],
    ] as const) {
      test(`decide() with a signer, attestation = "${demand}" and mode = "${mode}": ${what} gives ${wanted}`, () => {
        const rule = `[default]\nattestation = "${demand}"\nmode = "${mode}"\npublish = { signer = "alice" }`;
        assert.equal(briefly(signers + rule, { attestations: [attestation] }), wanted);
      });
    }
  }
}

test("decide() refuses a bad attestation beside a good one", () => {
  for (const demand of ["require", "if-present"]) {
    const rule = `[default]\nattestation = "${demand}"\npublish = { signer = "alice" }`;
    assert.equal(
      briefly(signers + rule, { attestations: [{ publish: alice }, "invalid"] }),
      "deny attestation-invalid",
    );
  }
});

test("decide() needs nothing that could not be had once what it asks for is there", () => {
  const rule = `[default]\nattestation = "require"\npublish = { signer = "alice" }`;
  assert.equal(briefly(signers + rule, { attestations: [{ publish: alice }, "unavailable"] }), "allow");
  // A stranger's attestation leaves open what the place that did not answer has.
  assert.equal(
    briefly(signers + rule, { attestations: [{ publish: stranger }, "unavailable"] }),
    "undecided evidence-unavailable",
  );
});

test("decide() counts a group's members, and takes what is missing for unknown while a place has not answered", () => {
  const rule = `[default]\nattestation = "require"\npublish = { group = "both" }`;
  const cases: readonly (readonly [CaseAttestation[], string])[] = [
    [[{ publish: alice }, { publish: bob }], "allow"],
    [[{ publish: alice }], "deny threshold-not-met"],
    [[{ publish: alice }, { publish: alice }], "deny threshold-not-met"],
    [[{ publish: alice }, { slsa: bob }], "deny threshold-not-met"],
    [[{ publish: alice }, "unavailable"], "undecided evidence-unavailable"],
    [["none"], "deny attestation-absent"],
  ];
  for (const [attestations, expected] of cases)
    assert.equal(briefly(signers + rule, { attestations }), expected, JSON.stringify(attestations));
});

test("decide() asks for publish and slsa attestations each by their own signer", () => {
  const rule = `[default]\nattestation = "require"\npublish = { signer = "alice" }\nslsa = { signer = "bob" }`;
  assert.equal(briefly(signers + rule, { attestations: [{ publish: alice }, { slsa: bob }] }), "allow");
  assert.equal(
    briefly(signers + rule, { attestations: [{ publish: bob }, { slsa: alice }] }),
    "deny signer-mismatch signer-mismatch",
  );
  assert.equal(briefly(signers + rule, { attestations: [{ publish: alice }] }), "deny attestation-absent");
});

test("decide() takes an attestation with another predicate type for none", () => {
  const other: Evidence = {
    kind: "attestation",
    outcome: "verified",
    predicateType: "https://example.org/predicate/v1",
    signer: {
      kind: "other",
      claims: { issuer: "https://login.example.org", san: { type: "uri", value: "https://example.org/" } },
    },
    signedAt: now,
    source: "demo.provenance",
  };
  const verdict = judge('[default]\nattestation = "require"', { attestations: [], more: [other] });
  assert.equal(brief(verdict), "deny attestation-absent");
  assert.match(verdict.findings[0]?.message ?? "", /predicate type https:\/\/example\.org\/predicate\/v1$/);
  assert.equal(briefly('[default]\nattestation = "if-present"', { attestations: [], more: [other] }), "allow");
});

test("decide() names the fields that differ for one signer, and not for a group", () => {
  const message = (publish: string) =>
    judge(`${signers}[groups.any]\nof = ["alice", "bob"]\nthreshold = 1\n[default]\npublish = { ${publish} }`, {
      attestations: [{ publish: stranger }],
    }).findings[0]?.message ?? "";
  assert.match(
    message('signer = "alice"'),
    /\(repository: the certificate has "mallory\/alice", wanted is "acme\/alice"\)$/,
  );
  assert.match(message('group = "any"'), /it is by GitHub mallory\/alice \(release\.yml, refs\/tags\/v1\.0\)$/);
});

test("decide() asks for one of the identities that a lock file names", () => {
  const of = (attestations: readonly CaseAttestation[], mode = "enforce") => {
    const given = { artifact: wheel, attestations };
    const lockedIdentities = [
      { kind: "GitHub", repository: "acme/alice", workflow: "release.yml" },
      { kind: "GitHub", repository: "acme/other", workflow: "release.yml" },
    ];
    const policy = parsePolicy(`version = 1\n[default]\nmode = "${mode}"`, "policy.toml");
    return decide(policy, { ...subjectOf(given), lockedIdentities }, evidenceOf(given), now);
  };
  assert.equal(brief(of([{ publish: alice }])), "allow");
  assert.equal(brief(of([{ publish: stranger }, { slsa: alice }])), "allow");
  assert.equal(brief(of([{ publish: stranger }])), "deny locked-identity-mismatch");
  assert.equal(brief(of([{ publish: stranger }], "off")), "deny locked-identity-mismatch");
  assert.equal(brief(of(["none"])), "deny locked-identity-mismatch");
  assert.equal(brief(of(["unavailable"])), "undecided evidence-unavailable");
});

test("decide() asks for attestations where an earlier release has one", () => {
  const of = (attestations: readonly CaseAttestation[], before?: string, more = "") =>
    judge(`${signers}[default]\nattestation = "no-downgrade"\n${more}`, {
      artifact: { ...wheel, ...(before !== undefined && { attestedBefore: before }) },
      attestations,
    });
  const alsoSigner = 'publish = { signer = "alice" }';
  assert.equal(brief(of(["none"])), "allow");
  assert.equal(brief(of(["none"], "0.9")), "deny attestation-lost");
  assert.equal(
    of(["none"], "0.9").findings[0]?.message,
    'Cannot admit "demo-1.0-py3-none-any.whl": release 0.9 is attested, and of this file the index says that there is none',
  );
  assert.equal(brief(of([{ publish: stranger }], "0.9")), "allow");
  assert.equal(brief(of(["unavailable"], "0.9")), "undecided evidence-unavailable");
  assert.equal(brief(of(["invalid"], "0.9")), "deny attestation-invalid");
  assert.equal(brief(of([{ publish: alice }], "0.9", alsoSigner)), "allow");
  assert.equal(brief(of([{ publish: stranger }], "0.9", alsoSigner)), "deny signer-mismatch");
  assert.equal(brief(of(["none"], "0.9", alsoSigner)), "deny attestation-lost");
});

test("decide() asks for the signer that no-downgrade names as require does, where an earlier release is attested", () => {
  const of = (demand: string, more: string, attestations: readonly CaseAttestation[], before?: string) =>
    judge(`${signers}[default]\nattestation = "${demand}"\n${more}`, {
      artifact: { ...wheel, ...(before !== undefined && { attestedBefore: before }) },
      attestations,
    });
  const byPublisher = 'publish = { signer = "alice" }';
  const byBuilder = 'slsa = { signer = "alice" }';
  for (const [more, seen] of [
    [byPublisher, { slsa: stranger }],
    [byPublisher, { slsa: alice }],
    [byBuilder, { publish: stranger }],
    [`${byPublisher}\n${byBuilder}`, { publish: alice }],
    [`${byPublisher}\n${byBuilder}`, { slsa: alice }],
  ] as const) {
    assert.equal(brief(of("require", more, [seen], "0.9")), "deny attestation-absent", more);
    assert.equal(brief(of("no-downgrade", more, [seen], "0.9")), "deny attestation-lost", more);
    assert.equal(brief(of("no-downgrade", more, [seen])), "allow", more);
  }
  assert.equal(
    of("no-downgrade", byPublisher, [{ slsa: stranger }], "0.9").findings[0]?.message,
    'Cannot admit "demo-1.0-py3-none-any.whl": release 0.9 is attested, and policy rule "default" asks for a publish attestation by signer "alice", those that are there have the predicate type https://slsa.dev/provenance/v1',
  );
});
